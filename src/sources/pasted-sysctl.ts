import { absent, ok, type Reading } from '../model/reading.ts';
import { commandOf, isEllipsis } from './pasted-lines.ts';
import { isReadKey, parseSysctlValue, sysctlKeyOf } from './sysctl-keys.ts';

/** What a text says of sysctl keys. */
export interface PastedSysctl {
  /** Values that a kernel printed, or that a command set, by dotted key. What a visit would not read is left out. */
  readonly running: ReadonlyMap<string, Reading<string>>;
  /** Values from lines of a sysctl file: what will run, and probably does. */
  readonly written: ReadonlyMap<string, Reading<string>>;
  /** The text holds all of net.ipv4: a key that is not in it is not in this kernel. */
  readonly isWhole: boolean;
  /** Keys that are no settings but tell who printed this: `kernel.osrelease`, `kernel.random.boot_id` … */
  readonly told: ReadonlyMap<string, string>;
}

/** Keys outside net/ that are kept. */
const telling: ReadonlySet<string> = new Set([
  'kernel.osrelease',
  'kernel.random.boot_id',
  'kernel.hostname',
  'net.netfilter.nf_conntrack_count',
]);

/** Top directories of /proc/sys; other dotted names are of other programs, or of BSD. */
const top = '(?:net|kernel|vm|fs|dev|abi|crypto|debug|user|sunrpc)';
/** `net.ipv4.tcp_tw_recycle`, `net/ipv4/conf/eth0.100/rp_filter`, with the directory before it or not. */
const keyPattern = `(?:/proc/sys/)?${top}[./][\\w./@:%+-]*[\\w]`;

const lineNumber = '(?:\\d{1,6}[:.)\\]|]?[ ]*)?';
/** Where `grep -r` found a line of a file. */
const foundIn = '(?:([\\w./@+-]*\\.conf):(?:\\d+[:-])?[ ]*)?';
const assignment = new RegExp(`^[ ]*${foundIn}${lineNumber}-?(${keyPattern})[ ]*(?:=|:(?!/)|(?= -?\\d{1,10}$))(.*)$`);
/** `sysctl -w net.ipv4.tcp_tw_recycle=1`, several on one line. */
const commandAssignment = new RegExp(`(${keyPattern})[ ]?=[ ]?["']?([^"'\\s;&|]+)`, 'g');
const echoed = new RegExp(
  `\\becho\\s+["']?([^"'>|]{0,200}?)["']?\\s{0,8}(?:>|\\|\\s*(?:sudo\\s+)?tee(?:\\s+-a)?)\\s*["']?(/proc/sys/${top}/[\\w./-]+)`,
);
/** A name without its directory, as people shorten it; on a line of its own only. */
const short = /^[ ]*(tcp_[a-z0-9_]+|somaxconn|netdev_max_backlog)[ ]*=[ ]*(-?\d+)[ ]*$/;
/** `cat FILE`, or `head` of several: the value is the next line. */
const pathAlone = new RegExp(`^[ ]*(?:==>[ ]*)?(/proc/sys/${top}/[\\w./-]+)[ ]*(?:<==)?$`);
const catOf = new RegExp(`\\b(?:cat|head|more|less)\\s+(?:-\\S+\\s+)*(/proc/sys/${top}/[\\w./-]+)[ ]*$`);
const printedBare = new RegExp(`\\bsysctl\\s+(?:-\\w*n\\w*\\s+)(${keyPattern})[ ]*$`);

/** What sysctl, cat, ls, tee and shells complain of, with the key or path they name. */
const complaint = new RegExp(`^[ ]*(?:[\\w/-]*sysctl|cat|ls|tee|-?bash|sh|error): [^=]*?["'‘“]?(${keyPattern})`);
const isRefused = /permission denied|not permitted/i;
/** `stat` stands in every translation of procps. */
const isMissing = /unknown key|\bstat\b|no such file|cannot access|can't open/i;

interface Growing {
  readonly running: Map<string, Reading<string>>;
  readonly written: Map<string, Reading<string>>;
  readonly told: Map<string, string>;
  /** Lines of a file: comments, or no blanks around `=`. */
  isFile: boolean;
  /** Key whose value is expected on the next line. */
  awaited: string | null;
  /** Keys of net.ipv4.tcp_* that were printed. */
  readonly tcpKeys: Set<string>;
  /** Something was left out on purpose. */
  isCut: boolean;
}

/**
 * `sysctl -a`, `sysctl KEY…`, a sysctl file, `grep . /proc/sys/net/ipv4/*`, `cat /proc/sys/…`, `echo 1 > /proc/sys/…`, with
 * the complaints between. Null: nothing of it is in the text. Source: procps src/sysctl.c; busybox procps/sysctl.c.
 */
export function parseSysctl(lines: readonly string[], isFile = isFileText(lines)): PastedSysctl | null {
  const growing: Growing = {
    running: new Map(),
    written: new Map(),
    told: new Map(),
    isFile,
    awaited: null,
    tcpKeys: new Set(),
    isCut: false,
  };
  for (const line of lines) if (line.trim() !== '') readLine(growing, line);
  const { running, written, told } = growing;
  if (running.size + written.size + told.size === 0) return null;
  return { running, written, told, isWhole: isWhole(growing) };
}

/** Every kernel prints more than this many keys of net.ipv4.tcp_*, and has had these two for twenty years. */
const fewestTcpKeys = 20;
const isWhole = ({ tcpKeys, isCut, isFile }: Growing): boolean =>
  !isCut && !isFile && tcpKeys.size >= fewestTcpKeys && tcpKeys.has('tcp_tw_reuse') && tcpKeys.has('tcp_timestamps');

/** Nobody writes a file of so many keys; `sysctl -a` prints more. */
const longestFile = 300;

/** A sysctl file has comments, or is written without blanks; the program prints neither. */
function isFileText(lines: readonly string[]): boolean {
  const assigned = lines.filter(line => assignment.test(line) && !line.includes('/proc/sys/'));
  if (assigned.length === 0) return false;
  if (assigned.length > longestFile) return false;
  const comments = lines.some(line => /^[ ]*[#;](?!kernel$|\d)/.test(line) && commandOf(line) === undefined);
  return comments || assigned.every(line => /[\w\]]=/.test(line));
}

function readLine(growing: Growing, line: string): void {
  const { awaited } = growing;
  growing.awaited = null;
  const [, echoedValue, echoedPath] = echoed.exec(line) ?? [];
  const command = commandOf(line);
  const path = pathAlone.exec(line)?.[1];
  if (isEllipsis(line)) growing.isCut = true;
  else if (echoedValue !== undefined && echoedPath !== undefined) keep(growing, 'running', echoedPath, echoedValue);
  else if (command !== undefined) readCommand(growing, command);
  else if (/^[ ]*[#;]/.test(line) || readComplaint(growing, line)) return;
  else if (path !== undefined) growing.awaited = path;
  else if (awaited !== null) keep(growing, 'running', awaited, line);
  else readAssignment(growing, line);
}

function readCommand(growing: Growing, command: string): void {
  growing.isCut ||= /\|\s*(?:e?grep|head|tail|sed|awk)\b/.test(command);
  const awaited = catOf.exec(command)?.[1] ?? printedBare.exec(command)?.[1];
  if (awaited !== undefined) growing.awaited = awaited;
  else if (/\bsysctl\b/.test(command)) {
    for (const [, key, value] of command.matchAll(commandAssignment)) {
      if (key !== undefined && value !== undefined) keep(growing, 'running', key, value);
    }
  }
}

function readComplaint(growing: Growing, line: string): boolean {
  const [, key] = complaint.exec(line) ?? [];
  if (key === undefined) return false;
  if (isRefused.test(line)) keepReading(growing.running, key, absent('not-permitted'));
  else if (isMissing.test(line)) keepReading(growing.running, key, absent('not-in-this-kernel'));
  return true;
}

function readAssignment(growing: Growing, line: string): void {
  const [, file, key, value] = assignment.exec(line) ?? [];
  if (key !== undefined && value !== undefined) {
    keep(growing, growing.isFile || file !== undefined ? 'written' : 'running', key, value);
    return;
  }
  const [, name, number] = short.exec(line) ?? [];
  if (name === undefined || number === undefined) return;
  const directory = name.startsWith('tcp_') ? 'net.ipv4' : 'net.core';
  keep(growing, growing.isFile ? 'written' : 'running', `${directory}.${name}`, number);
}

function keep(growing: Growing, as: 'running' | 'written', key: string, value: string): void {
  const path = pathOf(key);
  const dotted = sysctlKeyOf(`proc/sys/${path}`);
  const text = value.trim();
  if (telling.has(dotted)) growing.told.set(dotted, text.slice(0, 256));
  if (path.startsWith('net/ipv4/tcp_')) growing.tcpKeys.add(path.slice('net/ipv4/'.length));
  if (isReadKey(path)) growing[as].set(dotted, valueReading(text));
}

function keepReading(running: Map<string, Reading<string>>, key: string, reading: Reading<string>): void {
  const path = pathOf(key);
  if (isReadKey(path)) running.set(sysctlKeyOf(`proc/sys/${path}`), reading);
}

/** Switches in words, as people retell them. */
const words: Readonly<Record<string, string>> = {
  on: '1',
  yes: '1',
  true: '1',
  enabled: '1',
  off: '0',
  no: '0',
  false: '0',
  disabled: '0',
};

function valueReading(text: string): Reading<string> {
  const unquoted = text.replace(/^["'“”‘’](.*?)["'“”‘’]?$/, '$1').replace(/[“”‘’"']+$/, '');
  const word = words[unquoted.toLowerCase()];
  return word === undefined ? parseSysctlValue(unquoted) : ok(word);
}

/** Second names of one variable. Source: net/netfilter/nf_conntrack_standalone.c. */
const otherPaths: Readonly<Record<string, string>> = {
  'net/nf_conntrack_max': 'net/netfilter/nf_conntrack_max',
  'net/ipv4/ip_conntrack_max': 'net/ipv4/netfilter/ip_conntrack_max',
};

/** Path below /proc/sys of a written key: if its first separator is a dot, dots and slashes change places. Source: sysctl.d(5). */
function pathOf(key: string): string {
  const bare = key.replace(/^\/proc\/sys\//, '');
  const isPath = bare !== key || /[./]/.exec(bare)?.[0] === '/';
  const path = isPath ? bare : bare.replace(/[./]/g, found => (found === '.' ? '/' : '.'));
  return otherPaths[path] ?? path;
}
