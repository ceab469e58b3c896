import {parseNotEmpty} from '../line/parsers.js';
import type {ContextStore} from './context-store.js';
import {parseContextName} from './context-store.js';
import type {FlagValues, TextName} from './global-flags.js';
import {
  contextLayer,
  type Environment,
  environmentLayer,
  flagLayer,
  type Layer,
  natsContextLayer,
  natsEnvironmentLayer,
  type Setting,
  textSetting,
} from './layers.js';

interface OrderedLayers {
  /** Layers, strongest first. */
  readonly layers: readonly Layer[];
  readonly context: Setting<string> | undefined;
  readonly natsContext: Setting<string> | undefined;
}

/**
 * Returns the layers in order of precedence: flags, gatectl's environment variables, natscli's, the selected context. A
 * context comes right after the layer that names it, so one named on the command line overrides the environment. A natscli
 * context likewise comes after the layer that names it, which may be a gatectl context.
 */
export async function orderedLayers(
  flags: FlagValues,
  env: Environment,
  contexts: ContextStore,
): Promise<OrderedLayers> {
  const sources = [flagLayer(flags), environmentLayer(env), natsEnvironmentLayer(env)];
  const context = await chosenContext(sources, contexts);
  const named =
    context === undefined ? undefined : contextLayer(context.value, await contexts.read(context.value));
  const own = inserted(sources, layerWith(sources, 'context'), named);
  const natsContext = textSetting(own, 'natsContext', parseNotEmpty);
  if (natsContext === undefined) return {layers: own, context, natsContext};
  const {values, secrets} = await contexts.natsContext(natsContext.value);
  const added = natsContextLayer(natsContext.value, values, secrets);
  return {layers: inserted(own, layerWith(own, 'natsContext'), added), context, natsContext};
}

async function chosenContext(
  layers: readonly Layer[],
  contexts: ContextStore,
): Promise<Setting<string> | undefined> {
  const named = textSetting(layers, 'context', parseContextName);
  if (named !== undefined) return named;
  const selected = await contexts.selected();
  return selected === undefined
    ? undefined
    : {value: selected, origin: 'context', source: 'gatectl context use'};
}

const layerWith = (layers: readonly Layer[], name: TextName): Layer | undefined =>
  layers.find(({values}) => values[name] !== undefined);

/** Inserts `added` after `before`, or at the end if `before` is undefined. */
function inserted(
  layers: readonly Layer[],
  before: Layer | undefined,
  added: Layer | undefined,
): readonly Layer[] {
  if (added === undefined) return layers;
  const at = before === undefined ? layers.length : layers.indexOf(before) + 1;
  return layers.toSpliced(at, 0, added);
}
