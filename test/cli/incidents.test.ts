import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { call, freshDirectory } from './call.ts';
import { type Incident, pastedTexts, readIncident } from './pasted-incident.ts';

/** What a case comes to when its texts are pasted. `latent`: the setting alone is too little for a primary cause. */
interface Expected {
  readonly primary: 'tw-recycle' | 'accept-queue-overflow' | null;
  /** State of the finding, or the verdict where there is none; undefined: the case holds no text to judge. */
  readonly recycle: 'fired' | 'latent' | 'notchecked' | undefined;
}

const dropped: Expected = { primary: 'tw-recycle', recycle: 'fired' };
const settingOnly: Expected = { primary: null, recycle: 'latent' };
const tooLittle: Expected = { primary: null, recycle: 'notchecked' };
const nothing: Expected = { primary: null, recycle: undefined };

/** By content, not by label: a case whose counters were not published names no cause, whatever the truth was. */
const expectations: Readonly<Record<string, Expected>> = {
  'categraf-494-missing-field': nothing,
  'cf-release-758': settingOnly,
  'cn-nat-web-tw-recycle': settingOnly,
  'csdn-91638883-linux-fails-windows-ok': tooLittle,
  'dafang-hacks-916': settingOnly,
  'deepops-354': tooLittle,
  'flannel-530': settingOnly,
  'huoding-1123035': dropped,
  'jokeru-pfsense-snat': settingOnly,
  'kubeasz-714': tooLittle,
  'kubernetes-33945': settingOnly,
  'magento-devdocs-7391': settingOnly,
  'node17-company-nat-19874': dropped,
  'notes-416177': dropped,
  'owncloud-documentation-1343': tooLittle,
  'papertrail-provider': settingOnly,
  'pingcap-docs-cn-6426': tooLittle,
  'redhat-kb-40006-rhel4-5': nothing,
  'sdnlab-387158': dropped,
  'shadowsocks-install-2': tooLittle,
  'shh-41-listen-overflow-control': { primary: 'accept-queue-overflow', recycle: 'notchecked' },
  'stackoverflow-8893888': settingOnly,
  'storhaug-30': tooLittle,
  'syncookied-25-sysctl-control': tooLittle,
};

const directories = [
  join(import.meta.dirname, '../fixtures/incidents'),
  join(import.meta.dirname, '../../../shared/corpus/incidents'),
];
const files = new Map(
  directories
    .filter(directory => existsSync(directory))
    .flatMap(directory =>
      readdirSync(directory)
        .filter(name => name.endsWith('.yaml'))
        .map(name => [basename(name, '.yaml'), join(directory, name)] as const),
    ),
);
const cases = [...files].map(([name, file]) => [name, readIncident(file)] as const);

/** How people paste: as it is, and as chat, mail and web pages leave it. */
const manners: readonly (readonly [manner: string, change: (text: string) => string])[] = [
  ['as it is', text => text],
  ['quoted, with CRLF', text => text.replace(/^/gm, '> ').replaceAll('\n', '\r\n')],
  [
    'with no-break spaces and a prompt above',
    text => `root@web01:~#\u00a0netstat -s\n${text.replaceAll(' ', '\u00a0')}`,
  ],
];

async function ingested(incident: Incident, change: (text: string) => string) {
  const directory = freshDirectory();
  const texts = Object.entries(pastedTexts(incident));
  const paths = texts.map(([name, text]) => {
    writeFileSync(join(directory, name), change(text));
    return join(directory, name);
  });
  const { stdout, stderr, exitCode } = await call(['ingest', ...paths, '--as-host', 'pasted', '-f', 'json']);
  return { exitCode, stderr, host: stdout === '' ? undefined : JSON.parse(stdout).hosts[0] };
}

test('every case has an expectation', () => {
  expect(cases.map(([name]) => name).filter(name => expectations[name] === undefined)).toEqual([]);
  expect(cases.length).toBeGreaterThanOrEqual(4);
});

describe.each(manners)('pasted %s', (_manner, change) => {
  test.each(cases.filter(([, incident]) => Object.keys(pastedTexts(incident)).length > 0))(
    '%s',
    async (name, incident) => {
      const expected = expectations[name] ?? nothing;
      const { host, exitCode, stderr } = await ingested(incident, change);
      if (expected.recycle === undefined) {
        expect([exitCode, stderr]).toEqual([2, expect.stringContaining('nothing to judge')]);
        return;
      }
      const finding = host.findings.find(({ rule }: { rule: string }) => rule === 'tw-recycle');
      expect([host.primary, finding?.state ?? host.verdicts['tw-recycle']]).toEqual([
        expected.primary,
        expected.recycle,
      ]);
      expect(exitCode).toBe(expected.primary === 'tw-recycle' ? 1 : 0);
      if (expected.recycle === 'notchecked') expect(host.notChecked['tw-recycle']).toMatch(/not visible from here \(/);
      if (expected.recycle === 'latent') expect(finding.because).toContain('PAWSPassive: not collected');
      // a removed key is never the cause, and other causes are not taken for it
      if (/^(?:key_removed|control_)/.test(incident.label)) expect(finding).toBeUndefined();
    },
  );
});

test('with the NAT declared in an inventory, the setting alone is exposed', async () => {
  const directory = freshDirectory();
  writeFileSync(join(directory, 'sysctl.txt'), 'net.ipv4.tcp_tw_recycle = 1\nnet.ipv4.tcp_timestamps = 1\n');
  writeFileSync(
    join(directory, 'inventory.yaml'),
    'version: 1\nnat:\n  vpc: { cidrs: [10.8.0.0/16], status: active }\ngroups:\n  web: { hosts: [web01], clients: [vpc] }\n',
  );
  const { stdout } = await call([
    'ingest',
    join(directory, 'sysctl.txt'),
    '--as-host',
    'web01',
    '-i',
    join(directory, 'inventory.yaml'),
    '-f',
    'json',
  ]);
  const [host] = JSON.parse(stdout).hosts;
  expect(host).toMatchObject({
    primary: 'tw-recycle',
    groups: ['web'],
    findings: [{ rule: 'tw-recycle', state: 'exposed', severity: 'critical', confidence: 'low' }],
  });
});

test('the time is unknown: what has dropped since boot is judged by its share, and said so', async () => {
  const { host } = await ingested(readIncident(files.get('shh-41-listen-overflow-control') as string), text => text);
  expect(host.findings).toContainEqual(
    expect.objectContaining({
      rule: 'accept-queue-overflow',
      state: 'past',
      severity: 'medium',
      confidence: 'low',
      because: expect.stringContaining('time unknown, 100 % of ListenDrops'),
    }),
  );
});
