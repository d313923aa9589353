import { describe, expect, test } from 'vitest';
import { parseScriptReport } from '../../src/remediate/script-report.ts';
import fc from '../fast-check.ts';

const said = (...lines: readonly string[]): string =>
  ['synaudit plan p1, cohort c1: check', ...lines, '@synaudit\texit\t0', '@synaudit end', ''].join('\n');
const setting = '@synaudit\tbefore\tnet.ipv4.tcp_rmem\t=1 2\t=3\t/etc/sysctl.conf\t17\t-\t-\t-';

describe('what a script printed', () => {
  test('is read: state, settings with their winners, steps, problems', () => {
    const text = said(
      '@synaudit\tstate\tnone',
      setting,
      '  comment out /etc/sysctl.conf:17',
      '@synaudit\tstep\tcomment out /etc/sysctl.conf:17',
      '@synaudit\tafter\tnet.a\t=\t-\t-\t-\t=0\t/etc/sysctl.d/zz.conf\t3',
      '@synaudit\tafter\tnet.gone\t-\t-\t-\t-\t-\t-\t-',
      '@synaudit\tproblem\t/etc cannot be written.',
      '@synaudit\tstate\tapplied',
    );
    const report = {
      state: 'applied',
      before: [
        {
          key: 'net.ipv4.tcp_rmem',
          running: '1 2',
          procps: { value: '3', file: '/etc/sysctl.conf', line: 17 },
          systemd: null,
        },
      ],
      after: [
        { key: 'net.a', running: '', procps: null, systemd: { value: '0', file: '/etc/sysctl.d/zz.conf', line: 3 } },
        { key: 'net.gone', running: null, procps: null, systemd: null },
      ],
      steps: ['comment out /etc/sysctl.conf:17'],
      problems: ['/etc cannot be written.'],
    };
    expect(parseScriptReport(text)).toEqual(report);
    expect(parseScriptReport(text.replaceAll('\n', '\r\n'))).toEqual(report);
    expect(parseScriptReport(`Last login: today\n${text}\n\n`)).toEqual(report);
  });

  test.each([
    ['nothing', ''],
    ['no last line', said('@synaudit\tstate\tnone').replace('@synaudit end\n', '')],
    ['a cut last line', said('@synaudit\tstate\tnone').slice(0, -4)],
    ['something after it', `${said('@synaudit\tstate\tnone')}Segmentation fault\n`],
    ['no state', said(setting)],
    ['a state that is none', said('@synaudit\tstate\tgone')],
  ])('%s is no report', (_what, text) => {
    expect(parseScriptReport(text)).toBeNull();
  });

  test('settings that are not whole are left out', () => {
    const short = [
      'before\tx',
      'before',
      'before\tx\t=1\t=1\t/f\t1',
      'before\t\t=1\t-\t-\t-\t-\t-\t-',
      `${setting.slice(10)}\tmore`,
    ];
    const report = parseScriptReport(said('@synaudit\tstate\tnone', ...short.map(line => `@synaudit\t${line}`)));
    expect(report?.before).toEqual([]);
    const odd = parseScriptReport(said('@synaudit\tstate\tnone', setting.replace('\t17\t', '\t-1\t')));
    expect(odd?.before[0]).toMatchObject({ running: '1 2', procps: null });
  });

  test('whatever it is, it never throws, and is bounded and without control characters', () => {
    const line = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('@synaudit\tstate\tbegun', setting, '@synaudit end', '@synaudit\tstep\t\x1b[2J\x9bx'),
    );
    let reports = 0;
    fc.assert(
      fc.property(fc.array(line), lines => {
        const report = parseScriptReport(said('@synaudit\tstate\tnone', ...lines));
        if (report === null) return;
        reports += 1;
        for (const step of report.steps) expect(step).toMatch(/^[^\x00-\x1f\x7f-\x9f]*$/);
      }),
    );
    expect(reports).toBeGreaterThan(50);
    const many = parseScriptReport(
      said('@synaudit\tstate\tnone', ...Array<string>(5000).fill(`@synaudit\tstep\t${'x'.repeat(900)}`)),
    );
    expect([many?.steps.length, many?.steps[0]?.length]).toEqual([1000, 400]);
  });
});
