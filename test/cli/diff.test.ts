import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { diffDocument } from '../../src/report/diff/schema.ts';
import { call, freshDirectory } from './call.ts';

/** A tree of an el7 host with recycle on or off, and what it counted. */
function tree(recycle: '0' | '1', pawsPassive: number, uptime: number): string {
  const root = freshDirectory();
  const put = (path: string, text: string) => {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  put('proc/uptime', `${uptime}.00 ${uptime}.00\n`);
  put('proc/sys/kernel/osrelease', '3.10.0-1160.el7.x86_64\n');
  put('proc/sys/kernel/random/boot_id', '0a7b3c2d-1111-4222-8333-444455556666\n');
  put('proc/sys/net/ipv4/tcp_tw_recycle', `${recycle}\n`);
  put('proc/sys/net/ipv4/tcp_timestamps', '1\n');
  put('proc/net/netstat', `TcpExt: SyncookiesSent PAWSPassive ListenDrops\nTcpExt: 0 ${pawsPassive} ${pawsPassive}\n`);
  put('etc/sysctl.conf', `# tuned\nnet.ipv4.tcp_tw_recycle = ${recycle}\n`);
  return root;
}

interface Store {
  readonly ids: readonly string[];
  readonly diff: (...argv: string[]) => ReturnType<typeof call>;
}

/** A store in which the same host was judged again and again, a day apart by the ids of the runs. */
async function store(...runs: readonly (readonly [now: string, earlier: string])[]): Promise<Store> {
  const home = freshDirectory();
  const directory = join(home, '.local/state/synaudit/runs');
  const ids: string[] = [];
  for (const [i, [now, earlier]] of runs.entries()) {
    await call(['ingest', now, '--earlier', earlier, '--as-host', 'old7'], { home });
    const made = readdirSync(directory).find(name => !ids.includes(name.replace('.ndjson', ''))) ?? '';
    const id = `2026010${i + 1}T000000Z-000000`;
    const text = readFileSync(join(directory, made), 'utf8').replace(made.replace('.ndjson', ''), id);
    rmSync(join(directory, made));
    writeFileSync(join(directory, `${id}.ndjson`), text);
    ids.push(id);
  }
  return { ids, diff: (...argv) => call(['diff', ...argv], { home }) };
}

const firing = () => [tree('1', 215, 600), tree('1', 0, 596)] as const;
const off = () => [tree('0', 215, 900), tree('0', 215, 898)] as const;

test('a change is proved: fixed, setting and file, PAWSPassive per second before and after', async () => {
  const { diff, ids } = await store(firing(), off());
  const { exitCode, stdout } = await diff('-f', 'json');
  expect(exitCode).toBe(0);
  const document = JSON.parse(stdout);
  expect(diffDocument.safeParse(document).error).toBeUndefined();
  const [earlier, later] = ids;
  expect(document).toMatchObject({ before: { id: earlier }, after: { id: later } });
  expect(document.rates).toContainEqual({ field: 'TcpExt.PAWSPassive', hosts: 1, before: 53.75, after: 0 });
  expect(document.hosts[0]).toMatchObject({ name: 'old7', rebooted: false });
  expect(document.hosts[0].findings).toContainEqual(
    expect.objectContaining({
      change: 'fixed',
      rule: 'tw-recycle',
      rate: { field: 'TcpExt.PAWSPassive', before: 53.75, after: 0 },
    }),
  );
  expect(document.hosts[0].settings).toContainEqual({
    key: 'net.ipv4.tcp_tw_recycle',
    running: { before: '1', after: '0' },
    boot: {
      before: { value: '1', file: '/etc/sysctl.conf', line: 2 },
      after: { value: '0', file: '/etc/sysctl.conf', line: 2 },
    },
  });

  const table = await diff();
  expect(table.stdout).toContain('PAWSPassive 53.8/s → 0/s');
  expect(table.stdout.replaceAll(/\s+/g, ' ')).toContain(
    'Running: 1 → 0. At boot: 1 by /etc/sysctl.conf:2 → 0 by /etc/sysctl.conf:2.',
  );
  expect(table.stdout.trimEnd().replaceAll('\n', ' ')).toMatch(/Next: .*synaudit diff \S+ \S+ -f json/);

  const back = await diff(later ?? '', earlier ?? '');
  expect(back.exitCode).toBe(1);
  expect(back.stdout).toContain('NEW         critical tw-recycle · firing');
  expect(back.stdout).toContain('The first run named is the newer one');
  expect((await diff(later ?? '', earlier ?? '', '--fail-on', 'never')).exitCode).toBe(0);
  const same = await diff(later ?? '', later ?? '');
  expect([same.exitCode, same.stdout.includes('NEW'), same.stdout.includes('fixed')]).toEqual([0, false, false]);
});

test('one name is compared with the latest; previous and latest are names', async () => {
  const { diff, ids } = await store(firing(), firing(), off());
  const [first, second, third] = ids;
  const compared = async (...argv: string[]) => {
    const { before, after } = JSON.parse((await diff(...argv, '-f', 'json')).stdout);
    return [before.id, after.id];
  };
  expect(await compared()).toEqual([second, third]);
  expect(await compared(first ?? '')).toEqual([first, third]);
  expect(await compared(first ?? '', 'previous')).toEqual([first, second]);
});

test('files are written beside what is shown', async () => {
  const { diff } = await store(firing(), off());
  const directory = freshDirectory();
  const { stdout } = await diff('-o', join(directory, 'change.html'), '-o', `json=${join(directory, 'change')}`);
  expect(stdout).toContain('synaudit diff');
  expect(readdirSync(directory).sort()).toEqual(['change', 'change.html']);
});

test.each([
  [['diff'], 'no stored run in'],
  [['diff', 'latest'], 'no stored run in'],
  [['diff', 'a', 'b', 'c'], 'too many arguments'],
  [['diff', '-f', 'ndjson'], 'expected one of table, json, html'],
  [['diff', '-o', 'x.ndjson'], 'no format and no known ending'],
])('%j is bad input', async (argv, words) => {
  const { exitCode, stderr } = await call(argv);
  expect(exitCode).toBe(2);
  expect(stderr).toContain(words);
});

test('the only run there is has none before it', async () => {
  const { diff } = await store(off());
  const alone = await diff();
  expect([alone.exitCode, alone.stderr]).toEqual([2, expect.stringContaining('no run before the latest')]);
  const itself = await diff('latest');
  expect([itself.exitCode, itself.stderr]).toEqual([2, expect.stringContaining('latest is the latest run itself')]);
});
