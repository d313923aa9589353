/** One known_hosts file: sshd(8) "SSH_KNOWN_HOSTS FILE FORMAT", parsed as OpenSSH's hostfile.c does. */
import { isWildcard, matchesPatternList } from '../text/wildcard.ts';
import { type HashedName, isHashOf, type NameProbe, parseHashedName } from './hashed-names.ts';

/** One usable line. Certificate authorities are left out: no plain key is known by them. */
export interface KnownHostLine {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly revoked: boolean;
  /** `ssh-ed25519`, `ssh-rsa`, … */
  readonly type: string;
  /** The key blob in canonical base64. */
  readonly key: string;
  /** Names and patterns in lower case, or one hashed name. */
  readonly names: readonly string[] | HashedName;
}

/** Parses a whole file. Comments, junk and lines whose key is none are skipped, as OpenSSH does. */
export function parseKnownHosts(file: string, text: string): readonly KnownHostLine[] {
  const lines: KnownHostLine[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    const parsed = parseLine(line);
    if (parsed !== undefined) lines.push({ file, line: index + 1, ...parsed });
  }
  return lines;
}

function parseLine(line: string): Omit<KnownHostLine, 'file' | 'line'> | undefined {
  const fields = line.split(/[ \t\r]+/).filter(field => field !== '');
  const marker = fields[0]?.startsWith('@') ? fields.shift() : undefined;
  const [hosts, type, encoded] = fields;
  if (hosts === undefined || hosts.startsWith('#') || type === undefined || encoded === undefined) return undefined;
  if (marker !== undefined && marker !== '@revoked') return undefined;
  const blob = Buffer.from(encoded, 'base64');
  if (keyType(blob) !== type) return undefined;
  const names = hosts.startsWith('|') ? parseHashedName(hosts) : hosts.toLowerCase().split(',');
  if (names === undefined) return undefined;
  return { revoked: marker === '@revoked', type, key: blob.toString('base64'), names };
}

/** A list of public keys, one per line, that no host may present: RevokedHostKeys of ssh_config(5), in its text form. */
export const parseRevokedKeys = (file: string, text: string): readonly KnownHostLine[] =>
  text.split('\n').flatMap((line, index) => {
    const parsed = /^\s*(?:#|$)/.test(line) ? undefined : parseLine(`@revoked * ${line}`);
    return parsed === undefined ? [] : [{ file, line: index + 1, ...parsed }];
  });

/** The type name that a public key blob begins with (RFC 4253 6.6); undefined if there is none. */
export function keyType(blob: Buffer): string | undefined {
  if (blob.length < 4) return undefined;
  const length = blob.readUInt32BE(0);
  return length > 0 && length <= 64 && blob.length > 4 + length ? blob.toString('latin1', 4, 4 + length) : undefined;
}

/** Whether a line names the host. */
export const namesHost = ({ names }: KnownHostLine, probe: NameProbe): boolean =>
  isHashed(names) ? isHashOf(names, probe) : matchesPatternList(names, probe.name);

export const isHashed = (names: KnownHostLine['names']): names is HashedName => 'salt' in names;

/** Whether only a comparison can tell if the line names a host: it has wildcards or negations. */
export const isPattern = (names: KnownHostLine['names']): boolean =>
  !isHashed(names) && names.some(name => isWildcard(name) || name.startsWith('!'));
