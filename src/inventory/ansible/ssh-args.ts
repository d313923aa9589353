import { quoted, whyNotHostName, whyNotUser } from '../names.ts';
import { splitWords } from './words.ts';

/** What arguments of ssh(1) say, as far as it is a part of our model; and what to tell about the rest. */
export interface SshArguments {
  readonly hops?: readonly string[];
  readonly port?: number;
  readonly user?: string;
  readonly identity?: string;
  readonly notes: readonly string[];
}

/** What collects while arguments are read from left to right; as in ssh, the first of each kind wins. */
interface Collected {
  hops?: readonly string[];
  port?: number;
  user?: string;
  identity?: string;
  readonly notes: string[];
}

/** Options that change nothing for us: multiplexing, keep-alives, what is printed, what is forwarded. */
const harmless = new Set(
  (
    'controlmaster controlpath controlpersist serveraliveinterval serveralivecountmax tcpkeepalive compression loglevel ' +
    'forwardagent forwardx11 batchmode connecttimeout connectionattempts preferredauthentications requesttty visualhostkey ' +
    'passwordauthentication kbdinteractiveauthentication pubkeyauthentication gssapiauthentication identitiesonly escapechar ' +
    'addressfamily sendenv setenv updatehostkeys checkhostip hashknownhosts numberofpasswordprompts'
  ).split(' '),
);

/** Options that would make us believe a server that we do not know. They are told, and never followed. */
const hostKeyOptions = new Set([
  'stricthostkeychecking',
  'userknownhostsfile',
  'globalknownhostsfile',
  'verifyhostkeydns',
]);

/** Letters without a value that change nothing for us. */
const harmlessLetters = /^-[46ACaGgKkMNnqTtvXxYy]+$/;

/** Reads `ansible_ssh_common_args` and its like. */
export function readSshArguments(text: string): SshArguments {
  const words = splitWords(text);
  if (typeof words === 'string') return { notes: [`${quoted(text)} cannot be read: ${words}`] };
  const collected: Collected = { notes: [] };
  for (let i = 0; i < words.length; i += 1) {
    const word = words[i]?.text ?? '';
    const [, letter = '', glued = ''] = /^-([A-Za-z])(.*)$/s.exec(word) ?? [];
    if (harmlessLetters.test(word)) continue;
    const takesValue = /^[BbcDEeFIiJLlmOopQRSWw]$/.test(letter);
    const value = glued !== '' ? glued : takesValue ? (words[++i]?.text ?? '') : '';
    readArgument({ letter, value, word }, collected);
  }
  return collected;
}

interface Argument {
  readonly letter: string;
  readonly value: string;
  readonly word: string;
}

function readArgument({ letter, value, word }: Argument, collected: Collected): void {
  if (letter === 'o') {
    const [, name = '', setting = ''] = /^\s*([A-Za-z0-9]+)\s*[=\s]\s*(.*)$/s.exec(value) ?? [];
    readOption(name, setting.trim(), collected);
  } else if (letter === 'J') readOption('ProxyJump', value, collected);
  else if (letter === 'p') readOption('Port', value, collected);
  else if (letter === 'l') readOption('User', value, collected);
  else if (letter === 'i') readOption('IdentityFile', value, collected);
  else collected.notes.push(`${quoted(`${word}`)} of the ssh arguments is not supported`);
}

function readOption(name: string, value: string, collected: Collected): void {
  const keyword = name.toLowerCase();
  if (keyword === 'proxyjump') setHops(value, collected);
  else if (keyword === 'proxycommand') readProxyCommand(value, collected);
  else if (keyword === 'port' && isPort(value)) collected.port ??= Number(value);
  else if (keyword === 'user' && whyNotUser(value) === undefined) collected.user ??= value;
  else if (keyword === 'identityfile' && value !== '') collected.identity ??= value;
  else if (hostKeyOptions.has(keyword)) {
    collected.notes.push(`${name}=${value} is not followed: host keys are checked; see --host-keys`);
  } else if (!harmless.has(keyword))
    collected.notes.push(`${quoted(`${name}=${value}`)} of the ssh arguments is not supported`);
}

const isPort = (text: string): boolean => /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535;

function setHops(value: string, collected: Collected): void {
  if (collected.hops !== undefined) return;
  const hops = value.toLowerCase() === 'none' ? [] : value.split(',').map(hop => hop.trim());
  const odd = hops.find(hop => !isHop(hop));
  if (odd === undefined) collected.hops = hops;
  else collected.notes.push(`${quoted(odd)} is no jump host that can be used`);
}

/** `[user@]host[:port]`; anything that another program could take for an option or a command is refused. */
function isHop(text: string): boolean {
  const [, user, bracketed, plain, port] = /^(?:(.*)@)?(?:\[([^\]]*)\]|([^:[\]]*))(?::(.*))?$/s.exec(text) ?? [];
  if (user !== undefined && whyNotUser(user) !== undefined) return false;
  return whyNotHostName(bracketed ?? plain ?? '') === undefined && (port === undefined || isPort(port));
}

/** `ssh -W %h:%p bastion`, with a port, a user, a key, and options that change nothing: another way to write a jump host. */
function readProxyCommand(command: string, collected: Collected): void {
  if (command.toLowerCase() === 'none') return;
  const hop = hopOfProxyCommand(command);
  if (hop === undefined) {
    collected.notes.push(`ProxyCommand ${quoted(command)} is not supported; only ssh -W %h:%p HOST is understood`);
  } else setHops(hop, collected);
}

function hopOfProxyCommand(command: string): string | undefined {
  const words = splitWords(command);
  if (typeof words === 'string' || !/^(?:\/usr\/bin\/)?ssh$/.test(words[0]?.text ?? '')) return undefined;
  const inner: Collected = { notes: [] };
  const places: string[] = [];
  let forwards = false;
  for (let i = 1; i < words.length; i += 1) {
    const word = words[i]?.text ?? '';
    const [, letter = '', glued = ''] = /^-([A-Za-z])(.*)$/s.exec(word) ?? [];
    if (harmlessLetters.test(word)) continue;
    // `ssh -qW %h:%p bastion`
    const isForward = /^-[46ACaqTtvx]*W/.test(word);
    const value = isForward ? word.replace(/^-[A-Za-z0-9]*?W/, '') || (words[++i]?.text ?? '') : glued || '';
    if (isForward) forwards = value === '%h:%p' || value === '[%h]:%p';
    else if (letter === '') places.push(word);
    else readArgument({ letter, value: value || (words[++i]?.text ?? ''), word }, inner);
  }
  const [place] = places;
  const serious = inner.notes.some(note => !note.includes('is not followed')) || inner.hops !== undefined;
  if (!forwards || place === undefined || places.length > 1 || serious || inner.identity !== undefined)
    return undefined;
  const [, user = inner.user, name = ''] = /^(?:(.*)@)?(.*)$/s.exec(place) ?? [];
  const port = inner.port === undefined ? '' : `:${inner.port}`;
  const host = name.includes(':') ? `[${name}]` : name;
  return `${user === undefined ? '' : `${user}@`}${host}${port}`;
}
