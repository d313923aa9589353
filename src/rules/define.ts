import type { Facts } from '../model/facts.ts';
import type { NoReading, Reading } from '../model/reading.ts';
import { whyMissing } from '../model/reading.ts';
import type { Judgement } from '../model/rule.ts';
import type { Example } from './example.ts';
import type { Input } from './inputs.ts';

/** Where a claim of a rule can be read up. */
interface Reference {
  readonly title: string;
  readonly url: string;
}

/** A threshold of a rule, which an inventory may change per group. */
interface Parameter {
  readonly default: number;
  readonly unit: string;
  readonly min: number;
  readonly max: number;
  /** Why the default is what it is. */
  readonly reason: string;
}

/** What a rule proposes: a change with its risk, or the reason why it proposes none. */
type Fix =
  | { readonly summary: string; readonly set: Readonly<Record<string, string>>; readonly risk: string }
  | { readonly none: string };

/** What stands in `rules list`, `rules explain` and docs/rules/. */
export interface RuleText {
  /** Stable for ever, kebab-case; DESIGN.md, "All rule ids". */
  readonly id: string;
  /** The wanted condition, in one line. */
  readonly title: string;
  /** What goes wrong for the user. */
  readonly summary: string;
  /** How it comes about, in sentences. */
  readonly mechanism: readonly string[];
  /** How it is told from other causes. */
  readonly proof: string;
  readonly fix: Fix;
  readonly references: readonly Reference[];
}

type Inputs = Readonly<Record<string, Input<unknown>>>;
type Parameters = Readonly<Record<string, Parameter>>;
type ValuesOf<I extends Inputs> = { readonly [K in keyof I]: I[K] extends Input<infer T> ? T : never };
type NumbersOf<P extends Parameters> = { readonly [K in keyof P]: number };

/** What `check` is given beside the facts: its inputs, unwrapped, and its thresholds. */
interface Given<I extends Inputs, P extends Parameters> {
  readonly inputs: ValuesOf<I>;
  readonly parameters: NumbersOf<P>;
}

/** A rule as it is written. */
export interface RuleDefinition<I extends Inputs, P extends Parameters> extends RuleText {
  /** What must be there. What is missing makes the verdict `notapplicable` or `notchecked`, before `check` is asked. */
  readonly reads: I;
  readonly parameters?: P;
  /** What it reads exists once per machine: it is not judged again for every network namespace. */
  readonly wholeMachine?: boolean;
  /** A sentence why the rule does not concern this host, or null. */
  readonly appliesNot?: (facts: Facts) => string | null;
  /** Pure; throws on no facts. */
  readonly check: (facts: Facts, given: Given<I, P>) => Judgement;
  /** One for every verdict and state that can be reached; run as tests and printed in the docs. */
  readonly examples: readonly Example[];
}

/** A rule as everybody else sees it: all rules have this one type. */
export interface Rule extends RuleText {
  /** Names of what must be there. */
  readonly reads: readonly string[];
  readonly parameters: Parameters;
  readonly wholeMachine: boolean;
  readonly examples: readonly Example[];
  /** Parameters without a value here have their default. */
  readonly judge: (facts: Facts, parameters: Readonly<Record<string, number>>) => Judgement;
}

const none: Readonly<Record<string, never>> = {};

/** Turns a definition into a rule: inputs are unwrapped here, so that no rule tests for absence. */
export function defineRule<const I extends Inputs, const P extends Parameters = Readonly<Record<never, never>>>(
  definition: RuleDefinition<I, P>,
): Rule {
  const { reads, check, appliesNot, parameters = none, wholeMachine = false, ...text } = definition;
  // Judged for every host and namespace: what is the same for all is made once.
  const inputs = Object.entries(reads);
  const usual = Object.fromEntries(Object.entries(parameters).map(([key, { default: value }]) => [key, value]));
  return {
    ...text,
    reads: inputs.map(([, { name }]) => name),
    parameters,
    wholeMachine,
    judge: (facts, chosen) => {
      const why = appliesNot?.(facts) ?? null;
      if (why !== null) return { verdict: 'notapplicable', because: why };

      const values: Record<string, unknown> = {};
      for (const [key, { name, read }] of inputs) {
        const reading: Reading<unknown> = read(facts);
        if (reading.state !== 'ok') return withoutInput(name, reading);
        values[key] = reading.value;
      }
      return check(facts, given<I, P>(values, chosen === none ? usual : { ...usual, ...chosen }));
    },
  };
}

/** The verdict of one rule on one host. Pure; never throws for what a host said. */
export const judge = (rule: Rule, facts: Facts, parameters: Readonly<Record<string, number>> = none): Judgement =>
  rule.judge(facts, parameters);

/** Complaints about parameters as an inventory gives them; empty if `judge` may use them. */
export function parameterComplaints(rule: Rule, chosen: Readonly<Record<string, unknown>>): readonly string[] {
  return Object.entries(chosen).flatMap(([key, value]) => {
    const parameter = Object.hasOwn(rule.parameters, key) ? rule.parameters[key] : undefined;
    if (parameter === undefined) return [`rule ${rule.id} has no parameter "${key}"`];
    const { min, max, unit } = parameter;
    const fits = typeof value === 'number' && value >= min && value <= max;
    return fits ? [] : [`${rule.id}.${key} must be a number from ${min} to ${max} (${unit})`];
  });
}

function withoutInput(name: string, reading: NoReading): Judgement {
  const notHere = reading.state === 'absent' && reading.why === 'not-in-this-kernel';
  const verdict = notHere ? 'notapplicable' : 'notchecked';
  return { verdict, because: `${name}: ${whyMissing(reading)}.` };
}

// The loop above filled every key of `reads` and `parameters`, which the type checker cannot follow through entries().
const given = <I extends Inputs, P extends Parameters>(
  inputs: Record<string, unknown>,
  parameters: Record<string, number>,
): Given<I, P> => ({ inputs: inputs as ValuesOf<I>, parameters: parameters as NumbersOf<P> });
