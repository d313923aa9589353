import type { PlannedBoot } from '../model/remediation.ts';
import type { NamespaceResult } from '../model/run.ts';

/* Why no script does something, each in full sentences. Equal on hosts where the reason is the same, so that they fold. */

export const noKey = 'There is no change of a sysctl key that a script could safely make for it.';

export const ofFleet = 'Hosts differ, and which of them are set as they should be is for people to say.';

export const holdsAlready = 'Its keys have these values already, running and at boot.';

export const noSuchKey = (key: string): string =>
  `These hosts do not have ${key}, or it could not be read; what a host does not have is not written.`;

export const oddKey = 'The key or its value is not of a shape that a script writes.';

export const oddValue = (key: string): string =>
  `The running value of ${key} is not of a shape that a script can compare.`;

export const noHostname =
  'What these hosts call themselves was not read, and a script must know that it is on a host of its plan: audit them again.';

export const oddHostname =
  'What these hosts call themselves is no usable host name, and a script must know that it is on a host of its plan.';

/** The line belongs to a package, and is written after all sysctl files. */
export const wonElsewhere = (key: string, { file, line }: PlannedBoot): string =>
  file.startsWith('/usr/lib/tuned/')
    ? `At boot ${file}:${line} sets ${key} after the sysctl files and belongs to a package: copy its profile to /etc/tuned, change the line there, and run tuned-adm profile.`
    : `At boot ${file}:${line} sets ${key} after the sysctl files, in a place that no script edits: change it there.`;

/** Where the setting is made instead. `set`: keys and values, safe to be shown in a command. */
export function inNamespace(
  { owner, container }: Pick<NamespaceResult, 'owner' | 'container'>,
  set: readonly (readonly [key: string, value: string])[],
): string {
  const assignments = set.map(([key, value]) => (value.includes(' ') ? `"${key}=${value}"` : `${key}=${value}`));
  if (owner.startsWith('netns ')) {
    const name = owner.slice('netns '.length);
    const isPlain = /^\w[\w.-]*$/.test(name); // it may be pasted into a shell
    const command =
      isPlain && assignments.length > 0 ? ` (ip netns exec ${name} sysctl -w ${assignments.join(' ')})` : '';
    return `It is in the network namespace ${name}, which no file of the host reaches: set it in the unit or script that makes the namespace${command}.`;
  }
  const process = owner.replace(/\[\d+\]$/, '');
  const where = container === null ? `a network namespace of its own (${process})` : `the container of ${process}`;
  if (assignments.length === 0) return `It is in ${where}, which no file of the host reaches.`;
  const flags = assignments.map(assignment => `--sysctl ${assignment}`).join(' ');
  return `It is in ${where}, which no file of the host reaches. Set it where that is started: docker run ${flags}; sysctls in a compose file; securityContext.sysctls of a pod in Kubernetes (the kubelet must allow keys that it does not hold for safe); in a unit with PrivateNetwork= an ExecStartPre= that calls sysctl -w.`;
}
