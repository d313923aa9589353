import type { Severity, Verdict } from '../model/rule.ts';
import type { RunEvent, RunInfo } from '../model/run.ts';
import type { Phase } from '../model/visit.ts';
import { type Filter, noFilter } from './filter.ts';
import type { HostRow } from './host-row.ts';
import type { Standing } from './standing.ts';

/** A rule as the dashboard explains it. */
export interface RuleHelp {
  readonly id: string;
  readonly title: string;
  readonly sections: readonly {
    readonly heading: string;
    readonly text?: string;
    readonly items?: readonly string[];
  }[];
}

/** What does not change while the dashboard is open. */
export interface Setup {
  /** `audit`, `demo`, `report`: for the head line. */
  readonly command: string;
  readonly rules: readonly RuleHelp[];
  /** Services of a host, `api :8080`. Without it they are taken from the end of the run, by groups. */
  readonly servicesOf?: (host: string) => readonly string[];
  /** Commands that do the same without the dashboard; the second kind is for the hosts that are marked. */
  readonly commands: (marked: readonly string[]) => readonly string[];
  /** What goes on before the run begins; left out: `starting`. */
  readonly starting?: string;
  readonly canRetry: boolean;
  readonly canExport: boolean;
  /** Whether the fix of a run can be written. */
  readonly canFix: boolean;
  /** Unit: s; null: one run and no more. */
  readonly watchSeconds: number | null;
}

export const views = ['fleet', 'hosts', 'host', 'rules', 'problems'] as const;
export type View = (typeof views)[number];

/** Views that are a list of rows, of which one is selected. */
export type ListName = 'fleet' | 'hosts' | 'rules' | 'problems';

/** A position in a list: by what is selected, because rows come and go. Null: the first row, whichever that is. */
export interface Place {
  readonly selected: string | null;
  /** Where the selected row was: for when it is gone. */
  readonly index: number;
  /** First row on the screen. */
  readonly top: number;
}

export const hostColumns = ['severity', 'host', 'kernel', 'verdict', 'nat', 'drops'] as const;
export type HostColumn = (typeof hostColumns)[number];

export interface OpenVisit {
  readonly phase: Phase;
  /** Unit: ms, by the clock of the actions. */
  readonly since: number;
}

/** What a rule said over the fleet. Unit: hosts; of findings, unwaived ones of every network namespace. */
export interface RuleCounts {
  readonly verdicts: Readonly<Record<Verdict, number>>;
  readonly found: Readonly<Record<Severity, number>>;
}

/** What the events of the run have told. */
export interface RunData {
  readonly run: RunInfo | null;
  /** From 1; each `run` event begins one. */
  readonly round: number;
  /** When the first event of the round came. Unit: ms, by the clock of the actions. */
  readonly beganAt: number;
  readonly finishedAt: number | null;
  /** The latest result of each host, in the order in which they first came. */
  readonly rows: ReadonlyMap<string, HostRow>;
  readonly open: ReadonlyMap<string, OpenVisit>;
  /** Results of this round. */
  readonly done: number;
  /** Hosts by standing. */
  readonly standing: Readonly<Record<Standing, number>>;
  /** By rule. */
  readonly counts: ReadonlyMap<string, RuleCounts>;
  readonly end: Extract<RunEvent, { type: 'end' }> | null;
}

export interface Sort {
  readonly column: HostColumn;
  readonly reversed: boolean;
}

export type Overlay = 'help' | 'command' | 'quit' | 'told';

/** Hosts of a row of another view: the table shows no others. */
export interface Scope {
  readonly label: string;
  readonly names: ReadonlySet<string>;
}

/** Where the fix is to be written, while that is typed. */
export interface FixPrompt {
  readonly hosts: readonly string[];
  readonly directory: string;
}

/** All that the dashboard shows follows from this. */
export interface State {
  readonly setup: Setup;
  readonly data: RunData;
  readonly columns: number;
  readonly rows: number;
  /** Unit: ms. */
  readonly now: number;
  readonly view: View;
  /** Where Esc goes back to, the latest last. */
  readonly back: readonly View[];
  readonly places: Readonly<Record<ListName, Place>>;
  /** The host that view `host` shows. */
  readonly host: string | null;
  /** The rule that is explained, over the list of rules. */
  readonly rule: string | null;
  /** First line on the screen of a page longer than that. */
  readonly scroll: number;
  /** Whether findings are explained at length. */
  readonly explains: boolean;
  readonly scope: Scope | null;
  readonly filter: Filter;
  /** The filter while it is typed; null: it is not. */
  readonly typing: { readonly text: string; readonly problem: string | null } | null;
  readonly fixing: FixPrompt | null;
  readonly faultsOnly: boolean;
  readonly sort: Sort;
  readonly marked: ReadonlySet<string>;
  readonly overlay: Overlay | null;
  readonly note: string | null;
  /** Lines of overlay `told`. */
  readonly told: readonly string[];
  /** The user asked the run to stop. */
  readonly stopping: boolean;
}

const top: Place = { selected: null, index: 0, top: 0 };

const nobody: Readonly<Record<Standing, number>> = {
  critical: 0,
  high: 0,
  medium: 0,
  low: 0,
  lost: 0,
  info: 0,
  ok: 0,
};

export const noData: RunData = {
  run: null,
  round: 0,
  beganAt: 0,
  finishedAt: null,
  rows: new Map(),
  open: new Map(),
  done: 0,
  standing: nobody,
  counts: new Map(),
  end: null,
};

/** The state before the first event. */
export const initialState = (setup: Setup, size: { readonly columns: number; readonly rows: number }): State => ({
  setup,
  data: noData,
  ...size,
  now: 0,
  view: 'fleet',
  back: [],
  places: { fleet: top, hosts: top, rules: top, problems: top },
  host: null,
  rule: null,
  scroll: 0,
  explains: false,
  scope: null,
  filter: noFilter,
  typing: null,
  fixing: null,
  faultsOnly: false,
  sort: { column: 'severity', reversed: false },
  marked: new Set(),
  overlay: null,
  note: null,
  told: [],
  stopping: false,
});

export const placeAtTop = top;
