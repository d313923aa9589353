/** Every keyword of ssh_config(5), and the form of its value. Of most, only that ssh would take the value matters here. */
import { forward } from './forward.ts';
import {
  agentPath,
  anything,
  canonicalNames,
  choice,
  command,
  domains,
  files,
  flag,
  integer,
  jump,
  list,
  port,
  sequence,
  text,
  time,
  type ValueReader,
  words,
} from './keyword-values.ts';

export interface Keyword {
  /** Lower case; of two spellings the newer. */
  readonly name: string;
  readonly read: ValueReader;
  /** Not in every OpenSSH from 8.7 on: only the installed ssh can tell whether it takes the line. */
  readonly isRecent?: true;
}

const yesNo = { true: 'true', false: 'false', yes: 'true', no: 'false' };

const forms: readonly (readonly [names: string, read: ValueReader])[] = [
  ['host match include', anything],
  // readconf.c: ignored, deprecated, unsupported. ssh goes on without them.
  ['protocol cipher fallbacktorsh globalknownhostsfile2 rhostsauthentication userknownhostsfile2', anything],
  ['useroaming usersh useprivilegedport useblacklistedkeys afstokenpassing kerberosauthentication', anything],
  ['kerberostgtpassing rsaauthentication rhostsrsaauthentication compressionlevel', anything],
  [
    'forwardx11 forwardx11trusted gatewayports exitonforwardfailure passwordauthentication hostbasedauthentication',
    flag,
  ],
  ['kbdinteractiveauthentication batchmode checkhostip tcpkeepalive nohostauthenticationforlocalhost', flag],
  ['clearallforwardings enablesshkeysign identitiesonly hashknownhosts permitlocalcommand visualhostkey', flag],
  ['stdinnull forkafterauthentication proxyusefdpass canonicalizefallbacklocal streamlocalbindunlink', flag],
  ['gssapiauthentication gssapidelegatecredentials', flag],
  ['pubkeyauthentication', choice({ ...yesNo, unbound: 'unbound', 'host-bound': 'host-bound' })],
  ['verifyhostkeydns updatehostkeys', choice({ ...yesNo, ask: 'ask' })],
  ['stricthostkeychecking', choice({ ...yesNo, off: 'false', ask: 'ask', 'accept-new': 'accept-new' })],
  ['compression', choice({ yes: 'yes', no: 'no' })],
  ['controlmaster', choice({ ...yesNo, auto: 'auto', ask: 'ask', autoask: 'autoask' })],
  [
    'tunnel',
    choice({
      ethernet: 'ethernet',
      'point-to-point': 'point-to-point',
      true: 'point-to-point',
      yes: 'point-to-point',
      false: 'false',
      no: 'false',
    }),
  ],
  ['requesttty', choice({ ...yesNo, force: 'force', auto: 'auto' })],
  ['sessiontype', choice({ none: 'none', subsystem: 'subsystem', default: 'default' })],
  ['canonicalizehostname', choice({ ...yesNo, always: 'always' })],
  ['addressfamily', choice({ inet: 'inet', inet6: 'inet6', any: 'any' })],
  [
    'loglevel',
    choice({
      silent: 'SILENT',
      quiet: 'SILENT',
      fatal: 'FATAL',
      error: 'ERROR',
      info: 'INFO',
      verbose: 'VERBOSE',
      debug: 'DEBUG',
      debug1: 'DEBUG',
      debug2: 'DEBUG2',
      debug3: 'DEBUG3',
    }),
  ],
  ['connecttimeout forwardx11timeout serveraliveinterval', time],
  ['numberofpasswordprompts connectionattempts serveralivecountmax canonicalizemaxdots requiredrsasize', integer],
  ['user hostname hostkeyalias preferredauthentications bindaddress bindinterface pkcs11provider', text],
  ['securitykeyprovider xauthlocation kbdinteractivedevices controlpath revokedhostkeys ignoreunknown', text],
  ['identityfile certificatefile', text],
  ['ciphers macs kexalgorithms hostkeyalgorithms casignaturealgorithms', text],
  ['hostbasedacceptedalgorithms pubkeyacceptedalgorithms', text],
  ['port', port],
  ['identityagent', agentPath],
  // A word that is neither yes nor no is the path of a socket.
  [
    'forwardagent',
    (line, tools) => {
      const read = flag(line, tools);
      return 'value' in read ? read : agentPath(line, tools);
    },
  ],
  ['proxycommand knownhostscommand localcommand remotecommand', command],
  ['proxyjump', jump],
  ['globalknownhostsfile userknownhostsfile', files],
  ['canonicaldomains', domains],
  ['canonicalizepermittedcnames', canonicalNames],
  ['logverbose', list(1_000, arg => arg)],
  ['sendenv', words(/^[^=]+$/)],
  ['setenv', words(/=/)],
  ['escapechar', sequence(/^(?:none|[^ ]|\^[@-\x7f])$/)],
  ['fingerprinthash', sequence(/^(?:md5|sha1|sha256|sha384|sha512)$/i)],
  ['syslogfacility', sequence(/^(?:daemon|user|auth|authpriv|local[0-7])$/i)],
  ['streamlocalbindmask', sequence(/^0*[0-7]{1,3}$/)],
  ['tunneldevice', sequence(/^(?:any|\d{1,10})(?::(?:any|\d{1,10}))?$/i)],
  ['addkeystoagent', sequence(/^(?:yes|no|true|false|ask|confirm|(?:confirm )?(?:\d+[smhdw]?)+)$/i)],
  ['controlpersist', sequence(/^(?:yes|no|true|false|(?:\d+[smhdw]?)+)$/i)],
  [
    'rekeylimit',
    sequence(/^(?:default|0|1[6-9]|[2-9]\d|\d{3,}|\d+(?:\.\d+)?[kmgtpe])(?: (?:none|(?:\d+[smhdw]?)+))?$/i),
  ],
  [
    'ipqos',
    sequence(
      /^(?:none|af[1-4][123]|cs[0-7]|ef|le|lowdelay|throughput|reliability|(?:0x)?[0-9a-f]+)(?: (?:none|af[1-4][123]|cs[0-7]|ef|le|lowdelay|throughput|reliability|(?:0x)?[0-9a-f]+))?$/i,
    ),
  ],
  ['permitremoteopen', words(/^(?:any|none|\[[^\]]*\]:.+|[^:]+:.+)$/)],
  ['dynamicforward', forward('dynamic')],
  ['localforward', forward('local')],
  ['remoteforward', forward('remote')],
];

/** Newer than 8.7, or in the builds of some vendors only. */
const recent =
  'tag enableescapecommandline obscurekeystroketiming channeltimeout versionaddendum refuseconnection warnweakcrypto ' +
  'gssapikeyexchange gssapitrustdns gssapiclientidentity gssapiserveridentity gssapirenewalforcesrekey ' +
  'gssapikexalgorithms protocolkeepalives setuptimeout';

const olderSpelling: Readonly<Record<string, string>> = {
  challengeresponseauthentication: 'kbdinteractiveauthentication',
  skeyauthentication: 'kbdinteractiveauthentication',
  tisauthentication: 'kbdinteractiveauthentication',
  dsaauthentication: 'pubkeyauthentication',
  identityfile2: 'identityfile',
  keepalive: 'tcpkeepalive',
  hostbasedkeytypes: 'hostbasedacceptedalgorithms',
  pubkeyacceptedkeytypes: 'pubkeyacceptedalgorithms',
  smartcarddevice: 'pkcs11provider',
};

const keywords: ReadonlyMap<string, Keyword> = new Map([
  ...forms.flatMap(([names, read]) => names.split(' ').map((name): [string, Keyword] => [name, { name, read }])),
  ...recent
    .split(' ')
    .map((name): [string, Keyword] => [name, { name, read: name === 'tag' ? text : anything, isRecent: true }]),
]);

/** A keyword by any of its spellings, in lower case; undefined if no OpenSSH has it. */
export const keywordNamed = (spelling: string): Keyword | undefined =>
  keywords.get(olderSpelling[spelling] ?? spelling);
