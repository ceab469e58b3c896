import type {Fields} from '../../../output/formats/presenter.js';

interface StartedGate {
  readonly nodeId: string;
  readonly tcpPort: number | undefined;
  readonly wsPort: number | undefined;
  readonly pid: number;
}

/** Returns what `gate run` prints once the gate accepts connections. */
export function gateFields({nodeId, tcpPort, wsPort, pid}: StartedGate): Fields {
  return {
    id: nodeId,
    fields: [
      ['gate', nodeId],
      ['tcp port', tcpPort === undefined ? '-' : String(tcpPort)],
      ['ws port', wsPort === undefined ? '-' : String(wsPort)],
      ['pid', String(pid)],
    ],
    record: {nodeId, tcpPort: tcpPort ?? null, wsPort: wsPort ?? null, pid},
  };
}
