import {connectAsync, type IClientPublishOptions, type MqttClient} from 'mqtt';
import {onAbort, timeoutSignal} from '../../base/abort-signals.js';
import {UnreachableError} from '../../base/errors.js';
import type {SimulatedPlayer} from './simulated-players.js';

/** Ports of one gate on the loopback interface. */
export interface GatePorts {
  readonly tcpPort: number;
  readonly wsPort: number;
}

export interface ReceivedMessage {
  readonly topic: string;
  readonly text: string;
}

/** An MQTT connection with mqant's request/reply convention. */
export interface SimulatedClient {
  readonly player: SimulatedPlayer;
  readonly connected: boolean;
  /** Calls `HelloWorld/<fn>`. Resolves with the reply's `Result`, or rejects with its `Error`. */
  ask(fn: string, body: object): Promise<unknown>;
  /** Resolves with the next message on this topic. */
  next(topic: string, signal: AbortSignal): Promise<ReceivedMessage>;
  /** Calls the listener once when the connection has closed, for whatever reason. */
  onEnd(listener: () => void): void;
  leave(): Promise<void>;
}

const connectTimeoutMs = 5000;
const askTimeoutMs = 5000;
const qos0: IClientPublishOptions = {qos: 0};

/** Connects a simulated client. Rejects with UnreachableError if the gate does not accept the connection. */
export async function connectSimulatedClient(
  player: SimulatedPlayer,
  ports: GatePorts,
): Promise<SimulatedClient> {
  const url =
    player.network === 'tcp' ? `mqtt://127.0.0.1:${ports.tcpPort}` : `ws://127.0.0.1:${ports.wsPort}/mqtt`;
  try {
    const client = await connectAsync(url, {
      clientId: player.clientId,
      protocolVersion: player.protocolVersion,
      keepalive: 30,
      reconnectPeriod: 0,
      connectTimeout: connectTimeoutMs,
    });
    return wrap(player, client);
  } catch (cause) {
    throw new UnreachableError(`client "${player.clientId}" could not connect to ${url}`, {cause});
  }
}

function wrap(player: SimulatedPlayer, client: MqttClient): SimulatedClient {
  let asked = 0;
  // a gate may close the connection at any time; pending calls learn of it from the close event
  client.on('error', () => {});

  function next(topic: string, signal: AbortSignal): Promise<ReceivedMessage> {
    return new Promise<ReceivedMessage>((resolve, reject) => {
      let unlisten = () => {};
      const stop = () => {
        client.off('message', onMessage).off('close', onClose);
        unlisten();
      };
      const fail = (what: string) => {
        stop();
        reject(new UnreachableError(`"${player.clientId}" ${what}`));
      };
      const onClose = () => fail('was disconnected');
      const onMessage = (at: string, body: Buffer) => {
        if (at !== topic) return;
        stop();
        resolve({topic, text: body.toString()});
      };
      client.on('message', onMessage).on('close', onClose);
      unlisten = onAbort(signal, () => fail(`got nothing on "${topic}"`));
    });
  }

  return {
    player,
    next,
    get connected() {
      return client.connected;
    },
    async ask(fn, body) {
      asked += 1;
      const topic = `HelloWorld/${fn}/${asked}`;
      const answer = next(topic, timeoutSignal(askTimeoutMs));
      client.publish(topic, JSON.stringify(body), qos0);
      return resultOf(fn, (await answer).text);
    },
    onEnd(listener) {
      client.once('close', listener);
    },
    async leave() {
      await client.endAsync();
    },
  };
}

function resultOf(fn: string, text: string): unknown {
  const {Error: error, Result: result}: {Error?: unknown; Result?: unknown} = JSON.parse(text);
  if (error === '') return result;
  throw new Error(`${fn}: ${String(error)}`);
}
