/** What `ssh -v` writes to standard error: the course of its connection, its complaints, and what the command wrote there. */
import type { SshAlgorithms } from '../model/visit.ts';
import { stripControls } from '../text/ansi.ts';

/** What a connection passes, in this order. `identified`: the server has sent its identification. */
export type Moment = 'connected' | 'identified' | 'keys' | 'authenticated';

const moments: readonly (readonly [Moment, RegExp])[] = [
  ['connected', /^debug1: Connection established/],
  ['identified', /^debug1: Remote protocol version/],
  ['keys', /^debug1: SSH2_MSG_NEWKEYS received/],
  // The second is of versions before 8.5.
  ['authenticated', /^(?:Authenticated to |debug1: Authentication succeeded)/],
];

export interface SshLog {
  readonly add: (chunk: Buffer) => void;
  /** Takes a last line without end. */
  readonly finish: () => void;
  /** What ssh itself said, without what `-v` adds; without line ends and control characters. */
  readonly said: () => readonly string[];
  /** Lines that the server sent before its identification, or instead of one. */
  readonly greeting: () => string;
  /** For people: keys that were shown to the server. */
  readonly tried: () => readonly string[];
  /** `ED25519 SHA256:…`, once the server has shown it. */
  readonly hostKey: () => string | undefined;
  readonly algorithms: () => SshAlgorithms | undefined;
}

/** What becomes of a line. */
export interface LogWatch {
  readonly onMoment: (moment: Moment) => void;
  /** Bytes of the command's own standard error. */
  readonly onError: (chunk: Buffer) => void;
}

/** A line longer than that is cut. Unit: characters. */
const maxLine = 8_192;
const maxSaid = 100;
const maxTried = 32;
/** Unit: characters. */
const maxGreeting = 512;

/** What ssh says once the session runs; other lines come from the command. */
const ownWords =
  /^(?:debug\d: |Transferred: |Bytes per second: |Connection to \S+ closed|Connection (?:closed|reset) by|Timeout, server|client_loop: |packet_write_|Received disconnect from |Disconnected from |ssh_dispatch_run_fatal: |\S+: Broken pipe|(?:exec|shell) request failed|channel \d+: open failed)/;

/** Reads the log of one ssh. */
export function createSshLog({ onMoment, onError }: LogWatch): SshLog {
  const said: string[] = [];
  const tried: string[] = [];
  const agreed: Partial<Record<keyof SshAlgorithms, string>> = {};
  let hostKey: string | undefined;
  let greeting = '';
  let isRunning = false;
  let rest = '';

  const takeDebug = (line: string): void => {
    const [, kex] = /^debug1: kex: algorithm: (\S+)/.exec(line) ?? [];
    if (kex !== undefined) agreed.kex ??= kex;
    const [, key] = /^debug1: kex: host key algorithm: (\S+)/.exec(line) ?? [];
    if (key !== undefined) agreed.hostKey ??= key;
    const [, cipher, mac] = /^debug1: kex: client->server (?:cipher: )?(\S+) (?:MAC: )?(\S+)/.exec(line) ?? [];
    if (cipher !== undefined && mac !== undefined) {
      agreed.cipher ??= cipher;
      agreed.mac ??= mac === '<implicit>' ? '' : mac;
    }
    const [, type, print] = /^debug1: Server host key: (\S+) (SHA256:\S+)/.exec(line) ?? [];
    if (type !== undefined) hostKey ??= `${type.replace(/^ssh-/, '').toUpperCase()} ${print}`;
    const [, sent] = /^debug1: (?:kex|ssh)_exchange_identification: (?:banner line \d+: )?(.*)/.exec(line) ?? [];
    if (sent !== undefined && greeting.length < maxGreeting) greeting += `${sent.slice(0, maxGreeting)}\n`;
    const [, shown] = /^debug1: Offering (?:[\w-]+ )?public key: (.*)/.exec(line) ?? [];
    if (shown !== undefined && tried.length < maxTried)
      tried.push(`key ${shown.replace(/ (?:explicit|agent)\b/g, '')}`);
  };
  const take = (raw: string, end: string): void => {
    const line = stripControls(raw.slice(0, maxLine).replace(/\r$/, ''));
    const moment = isRunning ? undefined : moments.find(([, pattern]) => pattern.test(line))?.[0];
    if (moment !== undefined) onMoment(moment);
    if (isRunning && !(raw.endsWith('\r') && ownWords.test(line))) onError(Buffer.from(raw + end, 'latin1'));
    else if (line.startsWith('debug1: ')) takeDebug(line);
    else if (line !== '' && moment === undefined && said.length < maxSaid) said.push(line);
    isRunning ||= /^debug1: Sending command/.test(line);
  };
  return {
    add: chunk => {
      const lines = (rest + chunk.toString('latin1')).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) take(line, '\n');
      if (rest.length > maxLine) {
        take(rest, '');
        rest = '';
      }
    },
    finish: () => {
      if (rest !== '') take(rest, '');
      rest = '';
    },
    said: () => said,
    greeting: () => greeting,
    tried: () => tried,
    hostKey: () => hostKey,
    algorithms: () => {
      const { kex, hostKey: signature, cipher, mac } = agreed;
      return kex === undefined || signature === undefined || cipher === undefined || mac === undefined
        ? undefined
        : { kex, hostKey: signature, cipher, mac };
    },
  };
}
