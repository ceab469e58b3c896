import {pid} from 'node:process';
import {safeText} from '../../../output/safe-text.js';
import {clusterOptions} from '../../cluster-options.js';
import type {CommandContext} from '../../context.js';
import {parseDurationMs} from '../../parsers.js';
import {showOne} from '../../present.js';
import {gateFields} from '../../sheets/gate-fields.js';
import type {Verb} from '../../verb.js';

export interface GateRunInput {
  readonly config?: string;
  readonly id?: string;
  readonly tcp?: string;
  readonly ws?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly store?: string;
  readonly drain?: number;
  readonly sameClientId?: string;
}

export const gateRun: Verb<GateRunInput> = {
  examples: [
    'gatectl gate run --tcp 0.0.0.0:3563 --ws 0.0.0.0:3653 --store file:./sessions',
    'gatectl gate run --config gate.json --id a1',
  ],
  endsItself: true,
  declare: (command) =>
    command
      .option('--config <file>', 'JSON file; the flags below go over it')
      .option('--id <id>', 'the part of the node id after "@"; random without')
      .option('--tcp <address>', 'host:port for MQTT over TCP; a port alone is on 127.0.0.1')
      .option('--ws <address>', 'host:port for MQTT over WebSocket')
      .option('--cert <file>', 'PEM certificate for both listeners')
      .option('--key <file>', 'PEM key of the certificate')
      .option(
        '--store <url>',
        'memory:, file:/path, redis://… or jetstream://bucket; nothing is persisted without',
      )
      .option('--drain <time>', 'close the connections within so long when it ends (10s)', parseDurationMs)
      .option(
        '--same-client-id <rule>',
        'allow (as mqant) or take-over: the older connection of a client id is closed',
      ),
  run: async (context, input) => {
    const {runGate} = await import('../../../gate/run-gate.js');
    const settings = await context.connection();
    const options = await clusterOptions(settings, context.host);
    await runGate({
      config: await configOf(input),
      bus: options,
      registry: options.registry,
      registryAccess: options.registryAccess,
      type: options.gateType,
      signal: context.signal,
      log: (line) => say(context, line),
      onReady: async (gate) => {
        const {nodeId, tcpPort, wsPort} = gate;
        await showOne(context, gateFields({nodeId, tcpPort, wsPort, pid}));
        await context.io.out.flush();
      },
    });
    return undefined;
  },
};

/** A log line holds remote text. */
function say({io}: CommandContext, line: string): void {
  void io.err.write(`${safeText(line)}\n`).then(() => io.err.flush());
}

async function configOf({config: file, ...flags}: GateRunInput) {
  const {parseGateConfig, readGateConfig} = await import('../../../gate/gate-config.js');
  const {id, tcp, ws, store, cert, key, drain: drainMs, sameClientId} = flags;
  const tls = cert === undefined && key === undefined ? undefined : {cert, key};
  const said = Object.fromEntries(
    Object.entries({id, tcp, ws, store, tls, drainMs, sameClientId}).filter(
      ([, value]) => value !== undefined,
    ),
  );
  const fromFlags = parseGateConfig(said);
  if (file === undefined) return fromFlags;
  const fromFile = await readGateConfig(file);
  const spoken = Object.entries(fromFlags).filter(([name]) => name in said);
  return {...fromFile, ...Object.fromEntries(spoken)};
}
