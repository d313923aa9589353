import type { Evidence, Finding, Severity, Verdict } from './rule.ts';
import type { Snapshot } from './snapshot.ts';
import type { Outcome, Phase, VisitError } from './visit.ts';

/** Name of the schema of a run's document and of its stored form. Fields may be added within /1. */
export const runSchema = 'synaudit/run/1';

export type Profile = 'audit' | 'readiness';

/** Identity of a run: schema `synaudit/run/1`, `run`. */
export interface RunInfo {
  readonly id: string;
  readonly startedAt: string;
  readonly version: string;
  readonly profile: Profile;
  readonly intervalMs: number;
  /** What was audited, for people: `inventory.yaml`, `demo`. */
  readonly subject: string;
  readonly hostCount: number;
  readonly failOn: Severity | 'never';
  readonly allowIncomplete: boolean;
  /** The client that was asked about, as a CIDR. */
  readonly client?: string;
}

/** One setting of a host: its running value, and who sets it at boot. */
export interface SettingResult {
  readonly value: string | null;
  readonly boot?: { readonly value: string; readonly file: string; readonly line: number };
}

/** Peers of a host's listening ports. */
export interface ClientsResult {
  readonly connections: number;
  readonly addresses: number;
  readonly shared: readonly {
    readonly address: string;
    readonly connections: number;
    readonly because: readonly string[];
  }[];
}

/**
 * What counters of dropped, refused or late answered SYNs did between the two samples, by field (`TcpExt.PAWSPassive`). Unit: 1/s.
 * A counter that the kernel does not have is not in it.
 */
export type Rates = Readonly<Record<string, number>>;

/** What was judged in a network namespace of a host beside its own: schema `synaudit/run/1`, `hosts[].namespaces[]`. */
export interface NamespaceResult {
  readonly id: string;
  readonly owner: string;
  readonly container: string | null;
  readonly findings: readonly Finding[];
  readonly verdicts: Readonly<Record<string, Verdict>>;
  readonly notChecked: Readonly<Record<string, string>>;
  /** Left out as those of the host. */
  readonly rates?: Rates;
}

/** Ends the remedy of a finding in a namespace whose keys this kernel has only once. */
export const madeOnHost = 'This kernel has the setting only once: it is made on the host.';

/** What a host does to the client that was asked about (`--client`). */
export interface ClientAnswer {
  readonly cidr: string;
  readonly answer: 'drops' | 'would-drop' | 'does-not-drop' | 'unknown';
  /** In full sentences, with the evidence. */
  readonly because: string;
}

/** When a visit got how far, since it began. Unit: ms. */
export interface TimingResult {
  readonly connectMs: number | null;
  /** Keys exchanged. Left out, as `authMs`, where it did not come so far, and where `ssh` of the system does not tell. */
  readonly handshakeMs?: number;
  /** Logged in. */
  readonly authMs?: number;
  readonly totalMs: number;
}

/** A listening socket and its accept queue: schema `synaudit/run/1`, `hosts[].listeners[]`. */
export interface ListenerResult {
  readonly address: string;
  readonly port: number;
  /** Connections that wait for accept(). */
  readonly queued: number;
  /** What fits into the queue; null where `ss` is missing. */
  readonly limit: number | null;
}

/** One host of a run, as it is printed and stored: schema `synaudit/run/1`, `hosts[]`. */
export interface HostResult {
  readonly name: string;
  readonly groups: readonly string[];
  readonly address: string;
  /** What it calls itself (/proc/sys/kernel/hostname). Null where that was not read: not audited, or by an old version. */
  readonly hostname: string | null;
  readonly outcome: Outcome;
  readonly kernel: string | null;
  /** Hosts of equal settings have the same: `c1f09ab3`. Null for a host that was not audited. */
  readonly cohort: string | null;
  readonly os: string | null;
  readonly primary: string | null;
  readonly error: Omit<VisitError, 'outcome'> | null;
  readonly timing: TimingResult;
  /** Sources that exist but could not be read or parsed, with the reason; empty unless `partial`. */
  readonly unread: Readonly<Record<string, string>>;
  /** Remarks worth a line: `host key was not checked (--host-keys off)`. */
  readonly notes: readonly string[];
  readonly findings: readonly Finding[];
  readonly verdicts: Readonly<Record<string, Verdict>>;
  readonly notChecked: Readonly<Record<string, string>>;
  readonly settings: Readonly<Record<string, SettingResult>>;
  readonly clients: ClientsResult | null;
  /** Those that tell something, the fullest queue first, 16 at most. Left out where the sockets are not known. */
  readonly listeners?: readonly ListenerResult[];
  readonly namespaces: readonly NamespaceResult[];
  /** Where no counter of a dropped SYN moved between the samples: what that excludes, and what to do next. Else null. */
  readonly quiet: { readonly excludes: string; readonly next: string } | null;
  /** Left out where there was no second sample, and in runs of old versions. */
  readonly rates?: Rates;
  /** Only if a client was asked about. */
  readonly client?: ClientAnswer;
}

/** Findings of a host and of its other network namespaces. */
export const allFindings = ({ findings, namespaces }: HostResult): readonly Finding[] =>
  namespaces.length === 0 ? findings : [...findings, ...namespaces.flatMap(namespace => namespace.findings)];

/** Whether a service can take the clients that its inventory names: schema `synaudit/run/1`, `services[]`. */
export interface ServiceResult {
  readonly name: string;
  readonly port: number;
  readonly groups: readonly string[];
  readonly hosts: number;
  /** Null where nothing speaks against it but not every host was audited. */
  readonly ready: boolean | null;
  /** Hosts that drop, or would drop, SYNs of those clients; folded. */
  readonly blockers: readonly string[];
  /** Hosts of which that is not known; folded. */
  readonly unknown: readonly string[];
  /** In one sentence. */
  readonly because: string;
}

/** Hosts with equal settings: schema `synaudit/run/1`, `cohorts[]`. */
export interface CohortResult {
  readonly id: string;
  /** For people: `el7, recycle=1 ts=1`. */
  readonly label: string;
  readonly hosts: readonly string[];
  readonly kernels: readonly string[];
  /** The settings that tell its hosts from those of the largest cohort; all that decide, for the largest itself. */
  readonly settings: Readonly<Record<string, string>>;
}

/** A finding about the fleet, not about one host: schema `synaudit/run/1`, `findings[]`. */
export interface FleetFinding {
  readonly rule: string;
  readonly severity: Severity;
  readonly state: string | null;
  readonly title: string;
  readonly because: string;
  /** Unwaived ones. */
  readonly hosts: readonly string[];
  readonly waivedHosts: readonly string[];
  readonly evidence: readonly (Evidence & { readonly host?: string })[];
}

/** What a group needs of a NAT gateway once its outgoing connections go through one: profile `readiness`. */
export interface GatewayNeed {
  readonly group: string;
  readonly hosts: number;
  /** Where the most source ports are needed: `10.2.0.5:5432`. */
  readonly destination: string;
  /** Ports needed there at once: open and in TIME_WAIT, over the group. */
  readonly ports: number;
  /** By gateway: how many addresses it needs, and idle connections that it would forget. */
  readonly gateways: readonly {
    readonly gateway: string;
    readonly portsPerAddress: number;
    readonly addresses: number;
    readonly idleSeconds: number;
    readonly atRisk: number | null;
  }[];
  readonly because: string;
}

/** What is known only when every host has answered. Empty where the run did not end. */
export interface FleetResult {
  readonly services: readonly ServiceResult[];
  readonly cohorts: readonly CohortResult[];
  readonly findings: readonly FleetFinding[];
  readonly gateways: readonly GatewayNeed[];
}

export const noFleet: FleetResult = { services: [], cohorts: [], findings: [], gateways: [] };

export interface Summary {
  /** `total`, and a key per outcome that occurs. */
  readonly hosts: Readonly<Record<string, number>>;
  /** Host × network namespace × rule, unwaived. */
  readonly findings: Readonly<Record<Severity, number>>;
  readonly exitCode: number;
}

/** What happens during a run, in order. Sinks, the progress line and the store all read this one stream. */
export type RunEvent =
  | { readonly type: 'run'; readonly run: RunInfo }
  | { readonly type: 'phase'; readonly host: string; readonly phase: Phase }
  | { readonly type: 'host'; readonly result: HostResult; readonly snapshot: Snapshot | null }
  | {
      readonly type: 'end';
      readonly finishedAt: string;
      readonly interrupted: boolean;
      readonly summary: Summary;
      readonly fleet: FleetResult;
    };
