import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { inputError } from '../model/input-error.ts';
import type { RemediationPlan } from '../model/remediation.ts';
import { checkedPlan } from '../report/plan-schema.ts';
import { parsedJson } from '../text/json.ts';
import { errnoText, isErrno } from './errno.ts';

/** Files of a plan's directory, by what they are for. */
export const planFile = 'plan.json';
export const scriptPath = (cohort: string): string => `scripts/${cohort}.sh`;

/** A plan as it lies on disk, every byte of it checked. */
export interface PlanDirectory {
  readonly directory: string;
  readonly plan: RemediationPlan;
  /** `sha256:…` of the bytes of plan.json, which name the checksum of every other file. */
  readonly digest: string;
  /** Scripts by cohort id: the bytes that were checked, so that no others are run. */
  readonly scripts: ReadonlyMap<string, Buffer>;
}

/** SHA-256 in hex. */
export const sha256 = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex');

/** The digest of a plan, as people hand it on: `sha256:9f86d0…`. */
export const digestOf = (planBytes: Uint8Array | string): string => `sha256:${sha256(planBytes)}`;

/** A plan of 10,000 hosts has 10 MB, its scripts a few hundred KB. Unit: bytes. */
const maxFileBytes = 256 * 1_024 * 1_024;

/**
 * Reads the directory that `fix` wrote. Throws InputError that names the file: it is missing, is no plan, differs from its
 * checksum, or is a script of no cohort.
 */
export async function readPlanDirectory(directory: string): Promise<PlanDirectory> {
  const bytes = await readRegular(join(directory, planFile));
  const plan = checkedPlan(parsedJson(bytes.toString('utf8')));
  if ('problem' in plan) throw inputError(`${join(directory, planFile)}: no plan of synaudit fix: ${plan.problem}`);
  const contents = new Map<string, Buffer>();
  for (const [path, checksum] of Object.entries(plan.files)) {
    if (!isInside(path)) throw inputError(`${join(directory, planFile)}: "${path}" is no file of a plan`);
    const content = await readRegular(join(directory, path));
    if (sha256(content) !== checksum) {
      throw inputError(`${join(directory, path)}: is not what the plan was made with (its SHA-256 differs)`);
    }
    contents.set(path, content);
  }
  const scripts = plan.cohorts.map(({ id }) => [id, scriptOf(id, { directory, contents })] as const);
  if (new Set(scripts.map(([id]) => id)).size < scripts.length) {
    throw inputError(`${join(directory, planFile)}: two cohorts have the same id`);
  }
  await refuseOthers(directory, new Set(scripts.map(([id]) => scriptPath(id))));
  return { directory, plan, digest: digestOf(bytes), scripts: new Map(scripts) };
}

/** Paths come from plan.json: nothing outside of the directory is read, whoever wrote it. */
const isInside = (path: string): boolean =>
  /^(?:[A-Za-z0-9_-][\w.-]*\/){0,2}[A-Za-z0-9_-][\w.-]*$/.test(path) && path !== planFile;

function scriptOf(
  id: string,
  { directory, contents }: { readonly directory: string; readonly contents: ReadonlyMap<string, Buffer> },
): Buffer {
  const script = contents.get(scriptPath(id));
  if (script === undefined) throw inputError(`${join(directory, planFile)}: has no checksum of ${scriptPath(id)}`);
  return script;
}

/** A script that the plan does not know could be run by somebody who believes that it was reviewed. */
async function refuseOthers(directory: string, expected: ReadonlySet<string>): Promise<void> {
  if (expected.size === 0) return;
  for (const name of await readdir(join(directory, 'scripts'))) {
    const path = `scripts/${name}`;
    if (!expected.has(path)) throw inputError(`${join(directory, path)}: is not part of the plan`);
  }
}

/** A plain file, not through a link. Throws InputError. */
async function readRegular(file: string): Promise<Buffer> {
  try {
    const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const stat = await handle.stat();
      if (!stat.isFile()) throw inputError(`${file}: is no plain file`);
      if (stat.size > maxFileBytes) throw inputError(`${file}: ${stat.size} bytes are too many`);
      return await handle.readFile();
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (!isErrno(error)) throw error;
    throw inputError(`${file}: ${error.code === 'ELOOP' ? 'is a link' : errnoText(error)}`);
  }
}
