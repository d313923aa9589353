/** What an ssh does where nothing is configured, and which algorithms it knows: `ssh -G -F none` and `ssh -Q`. */

/** The four families of names that ssh_config lists. */
export type AlgorithmFamily = 'kex' | 'cipher' | 'mac' | 'key';

export interface SshLists {
  /** Keyword, in lower case, to its values, one per line that `ssh -G` prints for it. */
  readonly defaults: ReadonlyMap<string, readonly string[]>;
  /** All that it can do, offered by default or not; the order of `ssh -Q`. */
  readonly supported: Readonly<Record<AlgorithmFamily, readonly string[]>>;
}

/** Keywords whose value is a list of algorithms, and of which family. */
export const algorithmKeywords: Readonly<Record<string, AlgorithmFamily>> = {
  kexalgorithms: 'kex',
  ciphers: 'cipher',
  macs: 'mac',
  hostkeyalgorithms: 'key',
  pubkeyacceptedalgorithms: 'key',
  hostbasedacceptedalgorithms: 'key',
  casignaturealgorithms: 'key',
};

/** Reads what `ssh -G` prints. */
export function parseDefaults(text: string): ReadonlyMap<string, readonly string[]> {
  const defaults = new Map<string, string[]>();
  for (const line of text.split('\n')) {
    const [keyword = '', ...value] = line.split(' ');
    if (keyword === '') continue;
    const values = defaults.get(keyword.toLowerCase()) ?? [];
    values.push(value.join(' '));
    defaults.set(keyword.toLowerCase(), values);
  }
  return defaults;
}

const keyTypes = ['ssh-ed25519', 'ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521'];
const fidoTypes = ['sk-ssh-ed25519', 'sk-ecdsa-sha2-nistp256'];
const certificate = (type: string): string => `${type}-cert-v01@openssh.com`;

const defaultKeys = [
  ...[...keyTypes, ...fidoTypes, 'rsa-sha2-512', 'rsa-sha2-256'].map(certificate),
  ...keyTypes,
  ...fidoTypes.map(type => `${type}@openssh.com`),
  'rsa-sha2-512',
  'rsa-sha2-256',
];
const defaultKex = [
  'sntrup761x25519-sha512',
  'sntrup761x25519-sha512@openssh.com',
  'curve25519-sha256',
  'curve25519-sha256@libssh.org',
  'ecdh-sha2-nistp256',
  'ecdh-sha2-nistp384',
  'ecdh-sha2-nistp521',
  'diffie-hellman-group-exchange-sha256',
  'diffie-hellman-group16-sha512',
  'diffie-hellman-group18-sha512',
  'diffie-hellman-group14-sha256',
];
const defaultCiphers = [
  'chacha20-poly1305@openssh.com',
  'aes128-ctr',
  'aes192-ctr',
  'aes256-ctr',
  'aes128-gcm@openssh.com',
  'aes256-gcm@openssh.com',
];
const defaultMacs = [
  'umac-64-etm@openssh.com',
  'umac-128-etm@openssh.com',
  'hmac-sha2-256-etm@openssh.com',
  'hmac-sha2-512-etm@openssh.com',
  'hmac-sha1-etm@openssh.com',
  'umac-64@openssh.com',
  'umac-128@openssh.com',
  'hmac-sha2-256',
  'hmac-sha2-512',
  'hmac-sha1',
];

/** OpenSSH 9 as upstream builds it (myproposal.h, readconf.c), for machines without an ssh to ask. */
export const builtInLists: SshLists = {
  defaults: new Map(
    Object.entries({
      port: ['22'],
      addressfamily: ['any'],
      canonicalizefallbacklocal: ['yes'],
      canonicalizehostname: ['false'],
      canonicalizemaxdots: ['1'],
      canonicaldomains: ['none'],
      canonicalizepermittedcnames: ['none'],
      identitiesonly: ['no'],
      kbdinteractiveauthentication: ['yes'],
      passwordauthentication: ['yes'],
      pubkeyauthentication: ['true'],
      requesttty: ['auto'],
      stricthostkeychecking: ['ask'],
      serveralivecountmax: ['3'],
      serveraliveinterval: ['0'],
      connecttimeout: ['none'],
      loglevel: ['INFO'],
      proxyusefdpass: ['no'],
      kexalgorithms: [defaultKex.join(',')],
      ciphers: [defaultCiphers.join(',')],
      macs: [defaultMacs.join(',')],
      hostkeyalgorithms: [defaultKeys.join(',')],
      pubkeyacceptedalgorithms: [defaultKeys.join(',')],
      hostbasedacceptedalgorithms: [defaultKeys.join(',')],
      casignaturealgorithms: [defaultKeys.filter(name => !name.includes('-cert-')).join(',')],
      identityfile: [
        '~/.ssh/id_rsa',
        '~/.ssh/id_ecdsa',
        '~/.ssh/id_ecdsa_sk',
        '~/.ssh/id_ed25519',
        '~/.ssh/id_ed25519_sk',
        '~/.ssh/id_xmss',
        '~/.ssh/id_dsa',
      ],
      globalknownhostsfile: ['/etc/ssh/ssh_known_hosts /etc/ssh/ssh_known_hosts2'],
    }),
  ),
  supported: {
    kex: [
      'diffie-hellman-group1-sha1',
      'diffie-hellman-group14-sha1',
      'diffie-hellman-group-exchange-sha1',
      'mlkem768x25519-sha256',
      ...defaultKex,
    ],
    cipher: ['3des-cbc', 'aes128-cbc', 'aes192-cbc', 'aes256-cbc', ...defaultCiphers],
    mac: [
      'hmac-sha1-96',
      'hmac-md5',
      'hmac-md5-96',
      'hmac-sha1-96-etm@openssh.com',
      'hmac-md5-etm@openssh.com',
      'hmac-md5-96-etm@openssh.com',
      ...defaultMacs,
    ],
    key: [
      ...defaultKeys,
      'webauthn-sk-ecdsa-sha2-nistp256@openssh.com',
      ...['ssh-rsa', 'ssh-dss'].flatMap(type => [type, certificate(type)]),
    ],
  },
};
