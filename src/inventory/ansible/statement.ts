import type { Location } from '../../model/host.ts';
import type { Complaint } from '../../model/input-error.ts';

/** A variable of Ansible: any value that JSON can hold, and where it is written. */
export interface Variable {
  readonly value: unknown;
  readonly location: Location;
}

export type Variables = ReadonlyMap<string, Variable>;

/**
 * What one file of an Ansible inventory says, piece by piece and in its order. Files share their groups and hosts, so nothing
 * is known of a host before the last of them is read.
 */
export type Statement =
  | { readonly kind: 'group'; readonly name: string; readonly location: Location }
  | {
      readonly kind: 'hosts';
      readonly names: readonly string[];
      readonly group: string;
      /** Behind the name: `web1:2222`. It counts where the host is named first. */
      readonly port?: number;
      readonly variables: Variables;
      readonly location: Location;
    }
  /** Of a host that a statement before it named. */
  | { readonly kind: 'host-variables'; readonly host: string; readonly variables: Variables }
  | { readonly kind: 'group-variables'; readonly group: string; readonly variables: Variables }
  | { readonly kind: 'child'; readonly parent: string; readonly child: string; readonly location: Location }
  /** This group must be declared by this file or one before it. */
  | { readonly kind: 'demand'; readonly group: string; readonly complaint: Complaint };

/** One file of an Ansible inventory. `notes` are about what is read otherwise than it may be meant. */
export interface AnsibleSource {
  readonly statements: readonly Statement[];
  readonly notes: readonly Complaint[];
}

/** What stands for a value that is encrypted by ansible-vault. */
export const vaultedValue = '(vaulted: not read)';

export const noVariables: Variables = new Map();
