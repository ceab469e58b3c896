import {parseNonEmpty} from '../line/parsers.js';
import type {ContextStore} from './context-store.js';
import {parseContextName} from './context-store.js';
import type {FlagValues, TextFlagName} from './global-flags.js';
import {
  contextLayer,
  type Environment,
  environmentLayer,
  flagLayer,
  natsContextLayer,
  natsEnvironmentLayer,
  resolveTextFlag,
  type SettingsLayer,
  type SourcedValue,
} from './settings-layers.js';

interface OrderedLayers {
  /** Layers, strongest first. */
  readonly layers: readonly SettingsLayer[];
  readonly context: SourcedValue<string> | undefined;
  readonly natsContext: SourcedValue<string> | undefined;
}

/**
 * Returns the layers in order of precedence: flags, gatectl's environment variables, natscli's, the selected context. A
 * context comes right after the layer that names it, so one named on the command line overrides the environment. A natscli
 * context likewise comes after the layer that names it, which may be a gatectl context.
 */
export async function orderLayers(
  flags: FlagValues,
  env: Environment,
  contexts: ContextStore,
): Promise<OrderedLayers> {
  const sources = [flagLayer(flags), environmentLayer(env), natsEnvironmentLayer(env)];
  const context = await chosenContext(sources, contexts);
  const named =
    context === undefined ? undefined : contextLayer(context.value, await contexts.read(context.value));
  const own = inserted(sources, layerWith(sources, 'context'), named);
  const natsContext = resolveTextFlag(own, 'natsContext', parseNonEmpty);
  if (natsContext === undefined) return {layers: own, context, natsContext};
  const {values, secrets} = await contexts.natsContext(natsContext.value);
  const added = natsContextLayer(natsContext.value, values, secrets);
  return {layers: inserted(own, layerWith(own, 'natsContext'), added), context, natsContext};
}

async function chosenContext(
  layers: readonly SettingsLayer[],
  contexts: ContextStore,
): Promise<SourcedValue<string> | undefined> {
  const named = resolveTextFlag(layers, 'context', parseContextName);
  if (named !== undefined) return named;
  const selected = await contexts.selected();
  return selected === undefined
    ? undefined
    : {value: selected, origin: 'context', source: 'gatectl context use'};
}

const layerWith = (layers: readonly SettingsLayer[], name: TextFlagName): SettingsLayer | undefined =>
  layers.find(({values}) => values[name] !== undefined);

/** Inserts `added` after `before`, or at the end if `before` is undefined. */
function inserted(
  layers: readonly SettingsLayer[],
  before: SettingsLayer | undefined,
  added: SettingsLayer | undefined,
): readonly SettingsLayer[] {
  if (added === undefined) return layers;
  const at = before === undefined ? layers.length : layers.indexOf(before) + 1;
  return layers.toSpliced(at, 0, added);
}
