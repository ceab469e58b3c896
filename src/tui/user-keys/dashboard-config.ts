import type {ComposedMessage} from '../actions/messages/message-history.js';

/** A user-defined key that runs a gatectl command. */
export interface UserKey {
  readonly key: string;
  readonly help: string;
  /**
   * Words after `gatectl`. `{id}`, `{uid}` and `{gate}` are replaced with the values of the row
   * under the cursor.
   */
  readonly command: readonly string[];
  /** Screens where the key works; undefined means all. */
  readonly screens: readonly string[] | undefined;
  /** Whether the command may write; the dashboard then asks first. */
  readonly isWrite: boolean;
}

/** Contents of `dashboard.json`. */
export interface DashboardConfig {
  readonly keys: readonly UserKey[];
  /** Aliases for the `:` prompt, with their expansions. */
  readonly aliases: Readonly<Record<string, string>>;
  /** Message templates by name, for dialogs that send a message. */
  readonly templates: Readonly<Record<string, ComposedMessage>>;
  /** Rejected entries, each with its reason. */
  readonly faults: readonly string[];
}

export const emptyDashboardConfig: DashboardConfig = {keys: [], aliases: {}, templates: {}, faults: []};
