import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSsh2Transport } from '../../src/transport/ssh2.ts';
import { type Sshd, startSshd } from '../ssh/sshd.ts';
import { planOf, visitWith } from '../ssh/visits.ts';
import { type KeyPair, openWorkshop } from '../ssh/workshop.ts';

/** The oracle of test/transport/known-hosts.test.ts: does a real ssh let the same server in with the same file? */
const workshop = openWorkshop();
let key: KeyPair;
let stranger: KeyPair;
let sshd: Sshd;
beforeAll(async () => {
  key = workshop.makeKey('id');
  stranger = workshop.makeKey('stranger', { type: 'rsa' });
  sshd = await startSshd({ workshop, address: '127.63.0.1', authorized: [key.publicLine] });
});
afterAll(() => workshop.close());

function sshAccepts(file: string, mode: string): boolean {
  const options = [
    `UserKnownHostsFile=${file}`,
    'GlobalKnownHostsFile=/dev/null',
    `StrictHostKeyChecking=${mode}`,
    'BatchMode=yes',
  ];
  const args = [
    '-F',
    '/dev/null',
    '-i',
    key.path,
    '-p',
    String(sshd.port),
    ...options.flatMap(option => ['-o', option]),
  ];
  return spawnSync('ssh', [...args, `root@${sshd.address}`, 'true'], { stdio: 'ignore', timeout: 20_000 }).status === 0;
}

const modes = [
  ['strict', 'yes'],
  ['accept-new', 'accept-new'],
] as const;

test.each(
  [
    ['nothing known', ''],
    ['its key', '[HOST]:PORT OWN'],
    ['another key', '[HOST]:PORT OTHER'],
    ['another key, then its own', '[HOST]:PORT OTHER\n[HOST]:PORT OWN'],
    ['its key without port', 'HOST OWN'],
    ['another key without port', 'HOST OTHER'],
    ['its key without port, another with it', 'HOST OWN\n[HOST]:PORT OTHER'],
    ['a wildcard', '[127.63.*]:PORT OWN'],
    ['a wildcard and a negation', '[127.63.*]:PORT,![HOST]:PORT OWN'],
    ['revoked for all', '[HOST]:PORT OWN\n@revoked * OWN'],
    ['revoked for others', '[HOST]:PORT OWN\n@revoked other OWN'],
    ['revoked, with another key', '[HOST]:PORT OWN\n@revoked [HOST]:PORT OTHER'],
    ['an authority of that key', '@cert-authority [HOST]:PORT OWN'],
    ['a line whose key is none', '[HOST]:PORT ssh-ed25519 AAAA'],
    ['CRLF', '[HOST]:PORT OWN\r'],
  ].flatMap(([name = '', text = '']) => modes.map(([ours, theirs]) => ({ name, text, ours, theirs }))),
)('$name, $ours', async ({ text, ours, theirs }) => {
  const lines = text
    .replaceAll('HOST', sshd.address)
    .replaceAll('PORT', String(sshd.port))
    .replaceAll('OWN', sshd.hostKeys[0]?.publicLine ?? '')
    .replaceAll('OTHER', stranger.publicLine);
  const [mine, other] = ['mine', 'other'].map(name => workshop.write(name, `${lines}\n`));
  const hostKeys = { mode: ours, files: [mine ?? ''], appendTo: mine ?? '' };
  const visit = await visitWith(createSsh2Transport(), planOf(sshd, { identityFiles: [key.path], hostKeys }));
  expect(visit.ok || visit.error.outcome).toBe(sshAccepts(other ?? '', theirs) || 'hostkey-rejected');
});
