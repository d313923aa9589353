/**
 * What the SSH session was made of. It drops no SYN; but a server that offers nothing newer is a server that clients with
 * current defaults cannot log in to, and mostly one that was not updated for years.
 * Source: RFC 9142 (key exchange), RFC 8332 (RSA signatures with SHA-2); the profiles are those of src/transport/algorithms.ts.
 */
import type { AlgorithmProfile } from '../model/host.ts';
import { type Reading, whyMissing } from '../model/reading.ts';
import type { Evidence, Judgement } from '../model/rule.ts';
import type { SshAlgorithms } from '../model/visit.ts';
import { defineRule } from './define.ts';
import { type Input, optional } from './inputs.ts';
import { listed } from './wording.ts';

/** What was negotiated, as the transport told it. */
const negotiated: Input<SshAlgorithms> = { name: 'SSH algorithms', read: ({ ssh }) => ssh };

const none =
  'what a server offers is decided by its OpenSSH release and its policy, and changing it can lock out clients';

export default defineRule({
  id: 'legacy-ssh',
  title: 'SSH uses current algorithms',
  summary: 'Nothing is wrong with its TCP; but SSH clients with current defaults refuse this server, or soon will.',
  mechanism: [
    'Client and server agree on the first algorithm of the client that the server has, too.',
    'This program offers the current ones first, so an old one was used because the server has nothing newer, or because ssh_config asks for it.',
    'SHA-1 in key exchange and in signatures of host keys can be forged by now at a price; OpenSSH stopped to offer it.',
    'CBC ciphers, 3DES, RC4 and MD5 are older still.',
    'HMAC with SHA-1 is not broken; it is named because servers that have nothing better are that old.',
  ],
  proof: 'The names that both sides agreed on in this visit: key exchange, signature of the host key, cipher and MAC.',
  fix: { none },
  references: [
    {
      title: 'RFC 9142: Key Exchange (KEX) Method Updates and Recommendations for Secure Shell (SSH)',
      url: 'https://www.rfc-editor.org/rfc/rfc9142',
    },
    {
      title: 'RFC 8332: Use of RSA Keys with SHA-256 and SHA-512 in the Secure Shell (SSH) Protocol',
      url: 'https://www.rfc-editor.org/rfc/rfc8332',
    },
    { title: 'OpenSSH: Legacy Options', url: 'https://www.openssh.com/legacy.html' },
  ],
  reads: { algorithms: optional(negotiated) },
  // one SSH server gave the login to all network namespaces
  wholeMachine: true,
  check: (_, { inputs: { algorithms } }) => judged(algorithms),
  examples: [
    {
      name: 'RHEL 6: SHA-1 everywhere',
      host: {
        ssh: { kex: 'diffie-hellman-group14-sha1', hostKey: 'ssh-rsa', cipher: 'aes128-ctr', mac: 'hmac-sha1' },
      },
      verdict: 'informational',
      state: 'legacy',
      severity: 'info',
    },
    {
      name: 'older than that',
      host: { ssh: { kex: 'diffie-hellman-group1-sha1', hostKey: 'ssh-dss', cipher: '3des-cbc', mac: 'hmac-md5' } },
      verdict: 'informational',
      state: 'legacy',
      severity: 'info',
    },
    {
      name: 'current',
      host: { ssh: { kex: 'curve25519-sha256', hostKey: 'ssh-ed25519', cipher: 'aes128-gcm@openssh.com', mac: '' } },
      verdict: 'pass',
    },
    { name: 'no SSH was spoken, or it is not told', host: {}, verdict: 'notchecked' },
  ],
});

type OlderProfile = Exclude<AlgorithmProfile, 'modern'>;

/** One thing that was agreed on and is out of date. */
interface Outdated {
  readonly part: keyof SshAlgorithms;
  readonly name: string;
  /** What it takes to be offered by this program. */
  readonly profile: OlderProfile;
}

const words: Readonly<Record<keyof SshAlgorithms, string>> = {
  kex: 'key exchange',
  hostKey: 'host key signature',
  cipher: 'cipher',
  mac: 'MAC',
};

/** Which names are out of date, and which profile of ours offers them; the first that fits counts. */
const outdatedNames: Readonly<Record<keyof SshAlgorithms, ReadonlyArray<readonly [RegExp, OlderProfile]>>> = {
  kex: [
    [/^diffie-hellman-group14-sha1$/, 'compatible'],
    [/-sha1$/, 'legacy'],
  ],
  hostKey: [
    [/^ssh-rsa(-cert-v01@openssh\.com)?$/, 'compatible'],
    [/^ssh-dss/, 'legacy'],
  ],
  cipher: [[/-cbc(@|$)|^(3des|arcfour|blowfish|cast128)/, 'legacy']],
  mac: [
    [/^hmac-sha1(-etm@openssh\.com)?$/, 'compatible'],
    [/^hmac-(md5|ripemd160|sha1-96)/, 'legacy'],
  ],
};

const parts: readonly (keyof SshAlgorithms)[] = ['kex', 'hostKey', 'cipher', 'mac'];

function judged(algorithms: Reading<SshAlgorithms>): Judgement {
  if (algorithms.state !== 'ok') {
    return {
      verdict: 'notchecked',
      because: `What the SSH session was made of is not known: ${whyMissing(algorithms)}.`,
    };
  }
  const used = algorithms.value;
  const outdated = parts.flatMap(part => outdatedIn(part, used[part]));
  if (outdated.length === 0) return { verdict: 'pass', because: inUse(used) };
  const needed = outdated.some(({ profile }) => profile === 'legacy') ? 'legacy' : 'compatible';
  return {
    verdict: 'informational',
    severity: 'info',
    state: 'legacy',
    title: 'SSH uses outdated algorithms',
    because: `The session used ${listed(outdated.map(({ part, name }) => `${name} (${words[part]})`))}. Among the profiles of this program, it takes "algorithms: ${needed}" in the inventory to offer that.`,
    confidence: 'certain',
    evidence: outdated.map(({ part, name }): Evidence => ({ source: 'ssh', field: part, value: name })),
    remedy: null,
  };
}

function outdatedIn(part: keyof SshAlgorithms, name: string): readonly Outdated[] {
  const found = outdatedNames[part].find(([pattern]) => pattern.test(name));
  return found === undefined ? [] : [{ part, name, profile: found[1] }];
}

const inUse = ({ kex, hostKey, cipher, mac }: SshAlgorithms): string =>
  `The session used ${listed([kex, hostKey, cipher, mac].filter(name => name !== ''))}.`;
