/**
 * Hosts of one group should have equal settings. One that has not behaves differently under the same load, and a fix that was
 * tested on the others may not fit it. Two cures for one trouble in one fleet are worse: recycle here, timestamps off there.
 */
import { foldHosts } from '../text/host-set.ts';
import { comparedSettings } from './compared-settings.ts';
import type { FleetHost, FleetJudgement, FleetRule } from './fleet-rule.ts';
import { settingSource } from './movement.ts';
import { recycleKey, timestampsKey } from './recycle-switch.ts';
import { count, counted } from './wording.ts';

/** Fewer hosts than this have no majority worth the name. */
const fewestCompared = 4;
/** From this share on, what most hosts have is taken for what was meant. */
const majorityShare = 0.75;

export const configDrift: FleetRule = {
  id: 'config-drift',
  title: 'hosts of a group have equal settings',
  summary: 'One host of a pool loses connections and its neighbours do not, because it is set up differently.',
  mechanism: [
    'A pool is meant to be uniform, and its load is spread as if it were.',
    'A setting that was changed by hand on one machine, or a file that configuration management missed, makes an exception.',
    'It shows only under load or after a migration, on that machine alone, and looks like chance from outside.',
    'Values are compared within a group of the inventory; settings that scale with memory are not compared.',
    'Advice that contradicts itself is told as well: tcp_tw_recycle on some hosts, tcp_timestamps off on others.',
  ],
  proof: `At least ${fewestCompared} hosts of a group have the key, ${100 * majorityShare} % of them have one value, and the named ones have another.`,
  fix: {
    none: 'which of the values is right is for people to decide; the sysctl file that sets the odd one is named where there is one',
  },
  references: [
    { title: 'sysctl.d(5)', url: 'https://man7.org/linux/man-pages/man5/sysctl.d.5.html' },
    { title: 'IP sysctl, kernel documentation', url: 'https://docs.kernel.org/networking/ip-sysctl.html' },
  ],
  judgeFleet: hosts => [...contradiction(hosts), ...drift(hosts)],
};

function drift(hosts: readonly FleetHost[]): readonly FleetJudgement[] {
  const told = new Set<string>();
  return [...byGroup(hosts)].flatMap(([group, members]) =>
    bySameHosts(comparedSettings.flatMap(key => minorities(key, members))).flatMap(minority => {
      // hosts of several groups drift once
      const what = minority
        .map(({ key, value, odd }) => [key, value, ...odd.map(({ name }) => name)].join(' '))
        .join('\n');
      if (told.has(what)) return [];
      told.add(what);
      return [judgementOf(group, minority)];
    }),
  );
}

/** What sets the same hosts apart is one finding. */
function bySameHosts(minorities: readonly Minority[]): readonly (readonly Minority[])[] {
  const sets = new Map<string, Minority[]>();
  for (const minority of minorities) {
    const key = minority.odd.map(({ name }) => name).join('\n');
    const same = sets.get(key);
    if (same === undefined) sets.set(key, [minority]);
    else same.push(minority);
  }
  return [...sets.values()];
}

function byGroup(hosts: readonly FleetHost[]): ReadonlyMap<string, readonly FleetHost[]> {
  const groups = new Map<string, FleetHost[]>();
  for (const host of hosts) {
    for (const group of host.groups.length === 0 ? [''] : host.groups) {
      const members = groups.get(group);
      if (members === undefined) groups.set(group, [host]);
      else members.push(host);
    }
  }
  return groups;
}

/** Hosts that have another value of one key than most. */
interface Minority {
  readonly key: string;
  readonly value: string;
  readonly odd: readonly FleetHost[];
  readonly usual: string;
  readonly others: readonly FleetHost[];
}

function minorities(key: string, members: readonly FleetHost[]): readonly Minority[] {
  const byValue = new Map<string, FleetHost[]>();
  let total = 0;
  for (const host of members) {
    const value = host.settings.get(key);
    if (value === undefined) continue;
    total += 1;
    const same = byValue.get(value);
    if (same === undefined) byValue.set(value, [host]);
    else same.push(host);
  }
  if (byValue.size < 2 || total < fewestCompared) return [];
  const [most, ...rest] = [...byValue].sort(([, a], [, b]) => b.length - a.length);
  if (most === undefined || most[1].length < total * majorityShare) return [];
  const [usual, others] = most;
  const usualKernels = new Set(others.map(({ kernel }) => kernel));
  // another kernel has other defaults: where no file sets the key, that is no drift
  const drifted = (host: FleetHost): boolean => host.origins[key] !== undefined || usualKernels.has(host.kernel);
  return rest.flatMap(([value, all]) => {
    const odd = all.filter(drifted);
    return odd.length === 0 ? [] : [{ key, value, odd, usual, others }];
  });
}

/** Hosts whose values stand as evidence; the others are in `hosts`. */
const mostEvidence = 20;

function judgementOf(group: string, same: readonly Minority[]): FleetJudgement {
  const odd = same[0]?.odd ?? [];
  const names = odd.map(({ name }) => name);
  return {
    severity: 'low',
    state: 'minority',
    title: `${same.map(({ key }) => key).join(', ')} ${same.length === 1 ? 'differs' : 'differ'} from the rest of ${group === '' ? 'the hosts' : group}`,
    because: `On ${foldHosts(names)}: ${same.map(one => inWords(group, one)).join(' ')}`,
    hosts: names,
    evidence: same.flatMap(({ key, value }) =>
      odd.slice(0, mostEvidence).map(({ name }) => ({
        source: settingSource(key),
        field: key,
        value,
        host: name,
      })),
    ),
  };
}

function inWords(group: string, { key, value, odd, usual, others }: Minority): string {
  const rest =
    group === '' ? `${counted(others.length, 'other host')}` : `${counted(others.length, 'other host')} of ${group}`;
  return `${key} is ${shown(value)} (${originInWords(key, odd)}), ${shown(usual)} on ${rest} (${originInWords(key, others)}).`;
}

/** A value is text of a host. */
const shown = (value: string): string =>
  /^[\x21-\x7e][\x20-\x7e]{0,40}$/.test(value) ? value : JSON.stringify(value.slice(0, 40));

function originInWords(key: string, hosts: readonly FleetHost[]): string {
  const places = placesOf(key, hosts);
  return places.length === 0 ? 'set by no file' : places.join(', ');
}

/** The most frequent places first, two at most. */
function placesOf(key: string, hosts: readonly FleetHost[]): readonly string[] {
  const tally = new Map<string, number>();
  for (const { origins: of } of hosts) {
    const place = of[key];
    if (place !== undefined) tally.set(place, (tally.get(place) ?? 0) + 1);
  }
  const sorted = [...tally].sort((a, b) => b[1] - a[1]);
  const named = sorted.slice(0, 2).map(([place]) => place);
  return sorted.length > named.length ? [...named, `${count(sorted.length - named.length)} more places`] : named;
}

/** Each is advice against TIME_WAIT or NAT trouble; together they show that nobody knows which. The way out is one for both. */
function contradiction(hosts: readonly FleetHost[]): readonly FleetJudgement[] {
  const isOn = (key: string) => (host: FleetHost) => (host.settings.get(key) ?? '0') !== '0';
  const isOff = (host: FleetHost) => host.settings.get(timestampsKey) === '0';
  const recycling = hosts.filter(host => isOn(recycleKey)(host) && !isOff(host));
  const timeless = hosts.filter(host => isOff(host) && !isOn(recycleKey)(host));
  const [first] = recycling;
  const [other] = timeless;
  if (first === undefined || other === undefined) return [];
  const names = (of: readonly FleetHost[]) => of.map(({ name }) => name);
  return [
    {
      severity: 'medium',
      state: 'contradiction',
      title: 'tcp_tw_recycle is on here and tcp_timestamps is off there',
      because:
        `tcp_tw_recycle is on on ${counted(recycling.length, 'host')} (${foldHosts(names(recycling))}), ` +
        `tcp_timestamps is off on ${counted(timeless.length, 'host')} (${foldHosts(names(timeless))}). ` +
        'The one drops SYNs of clients that share an address, the other is a cure for that which costs PAWS and RTT. ' +
        'Better on all: tcp_tw_recycle=0, tcp_timestamps=1, and a wider ip_local_port_range where ports run out.',
      hosts: [...names(recycling), ...names(timeless)],
      evidence: [
        {
          source: settingSource(recycleKey),
          field: recycleKey,
          value: first.settings.get(recycleKey) ?? '1',
          host: first.name,
        },
        { source: settingSource(timestampsKey), field: timestampsKey, value: '0', host: other.name },
      ],
    },
  ];
}
