import type {ComposedMessage} from '../actions/messages/messages.js';

/** A key of the operator that runs a gatectl command. */
export interface UserKey {
  readonly key: string;
  readonly help: string;
  /** Words after `gatectl`, with `{id}`, `{uid}` and `{gate}` of the row under the cursor. */
  readonly command: readonly string[];
  /** Views where the key works; all when undefined. */
  readonly screens: readonly string[] | undefined;
  /** Whether the command may write, so that the dashboard asks first. */
  readonly isWrite: boolean;
}

/** Contents of `dashboard.json`. */
export interface UserKeys {
  readonly keys: readonly UserKey[];
  /** Names of commands of the `:` prompt, with the text that they stand for. */
  readonly aliases: Readonly<Record<string, string>>;
  /** Messages by name, for the dialogs that send one. */
  readonly templates: Readonly<Record<string, ComposedMessage>>;
  /** Entries that were refused, each with its reason. */
  readonly faults: readonly string[];
}

export const noUserKeys: UserKeys = {keys: [], aliases: {}, templates: {}, faults: []};
