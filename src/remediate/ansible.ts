import type { PlannedCohort, RemediationPlan } from '../model/remediation.ts';
import { changeInWords, counted } from './cohort-words.ts';

/**
 * `ansible/playbook.yml`: one play per cohort, which runs the reviewed script of the cohort by the module `script`, that needs
 * no Python on the host. Names are those of the inventory that the run was made with.
 */
export function playbook({ id, run, cohorts }: Pick<RemediationPlan, 'id' | 'run' | 'cohorts'>): string {
  const plays = cohorts.map(playOf).filter(play => play !== '');
  return `${head(id, run.id)}${plays.length === 0 ? '[]\n' : plays.join('\n')}`;
}

/** Ids are of our own shape (model/remediation.ts), and so are keys and values: nothing in it needs quotes but for YAML itself. */
const head = (id: string, run: string): string => `---
# Plan ${id} of synaudit, from run ${plain(run)}. Hosts are named as there; the inventory is yours (-i).
# ansible-playbook -i INVENTORY ansible/playbook.yml --check   runs each script with --check: says what would change
# ansible-playbook -i INVENTORY ansible/playbook.yml           runs --check, --apply, --verify: one host, then 10 % at a time
# The first host that fails ends it. No gate looks at the health of hosts, and hosts that were changed stay changed.
# A host that the inventory does not have is passed over by Ansible with a warning.
`;

/** Words of a comment that may come from a file: only what no YAML reader takes for a line break. */
const plain = (text: string): string => text.replace(/[^\x20-\x7e]/g, '?').slice(0, 200);

/** What Ansible takes for one host: no pattern (`*`, `:`, `,`, `[`, `!`, `&`, `~`), no template, no number or word of YAML. */
export const isAnsibleName = (name: string): boolean => /^[A-Za-z0-9_][\w.@-]{0,252}$/.test(name) && name !== 'all';

function playOf({ id, changes, hosts }: PlannedCohort): string {
  const named = hosts.filter(({ name }) => isAnsibleName(name));
  if (named.length === 0) return '';
  const unnamed = hosts.length - named.length;
  const missing =
    unnamed === 0 ? '' : `  # ${counted(unnamed, 'host')} of a name that Ansible reads as a pattern left out\n`;
  const script = `../scripts/${id}.sh`;
  return `- name: "${id}: ${changes.map(changeInWords).join(', ')}"
${missing}  hosts:
${named.map(({ name }) => `    - "${name}"\n`).join('')}  gather_facts: false
  become: true
  serial: [1, "10%"]
  any_errors_fatal: true
  tasks:
    - name: "Ask what would change"
      ansible.builtin.script:
        cmd: ${script} --check
        executable: /bin/sh
      check_mode: false
      register: found
      changed_when: ansible_check_mode and found.rc | default(1) == 10
      failed_when: found.rc | default(1) not in [0, 10]

    - name: "Say what would change"
      ansible.builtin.debug:
        msg: "{{ found.stdout_lines | reject('match', '@synaudit') | list }}"
      when: ansible_check_mode

    - name: "Change"
      ansible.builtin.script:
        cmd: ${script} --apply
        executable: /bin/sh
      register: applied
      when: not ansible_check_mode and found.rc == 10
      changed_when: applied.rc | default(1) == 0
      failed_when: applied.rc | default(1) != 0

    - name: "Verify, running and at the next boot"
      ansible.builtin.script:
        cmd: ${script} --verify
        executable: /bin/sh
      register: verified
      when: not ansible_check_mode
      changed_when: false
      failed_when: verified.rc | default(1) != 0
`;
}
