import {healthThresholds} from '../../../session/gate-health.js';

interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  /** How long the expression must hold before the alert fires. */
  readonly for: string;
  readonly labels: {readonly severity: 'critical' | 'warning' | 'info'};
  readonly annotations: {readonly summary: string; readonly description: string};
}

type Row = readonly [
  alert: string,
  severity: AlertRule['labels']['severity'],
  wait: string,
  expr: string,
  summary: string,
  description: string,
];

const gate = '{{ $labels.gate }}';
const {waitingBytes, loopDelayMs, heapShare} = healthThresholds;

const rows: readonly Row[] = [
  [
    'GatectlMetricsMissing',
    'warning',
    '5m',
    'absent(gatectl_build_info)',
    'No gatectl metrics',
    'Check that gatectl metrics --listen runs and is scraped.',
  ],
  [
    'GatectlRegistryDown',
    'warning',
    '5m',
    'gatectl_registry_up == 0',
    'The registry does not answer',
    'Gates that start now are not found. Run: gatectl doctor',
  ],
  ['GateDown', 'critical', '1m', 'gatectl_gate_up == 0', `${gate} does not answer`, 'Run: gatectl doctor'],
  [
    'GateRestarted',
    'info',
    '0m',
    'changes(gatectl_gate_start_time_seconds[15m]) > 0',
    `${gate} restarted`,
    'Its clients have lost their sessions.',
  ],
  [
    'GateSlow',
    'warning',
    '5m',
    'gatectl_gate_answer_seconds > 1',
    `${gate} takes {{ $value | humanizeDuration }} to answer`,
    'Check the load of its host and the connection to NATS. Run: gatectl gates ping',
  ],
  [
    'GateSessionsNotStored',
    'warning',
    '5m',
    'gatectl_gate_dirty_sessions > 0',
    `${gate} has {{ $value }} sessions with unsaved changes`,
    'A crash of the gate would lose these changes. Check its storage: gatectl doctor',
  ],
  [
    'GateClientsLost',
    'critical',
    '0m',
    [
      'increase(gatectl_gate_disconnects_total[5m]) > 100',
      'increase(gatectl_gate_disconnects_total[5m]) > gatectl_gate_sessions',
    ].join(' and '),
    `${gate} lost more clients in 5 minutes than it has left`,
    'Check the network and the load balancer. To see the events: gatectl sessions watch',
  ],
  [
    'GateRefusesClients',
    'warning',
    '5m',
    'rate(gatectl_gate_refused_connections_total[5m]) > 1',
    `${gate} refuses {{ $value | humanize }} connections and sign-ins per second`,
    'A limit is too low, or a client is guessing passwords. Run: gatectl doctor',
  ],
  [
    'GateLimitReached',
    'warning',
    '5m',
    'increase(gatectl_gate_limit_hits_total{limit!="authenticate"}[5m]) > 10',
    `${gate} turned {{ $value | humanize }} clients or requests away in 5 minutes: {{ $labels.limit }}`,
    "Raise the limit in the gate's config, or find out who exceeds it. Run: gatectl doctor",
  ],
  [
    'GateCertificateExpires',
    'warning',
    '1h',
    'gatectl_gate_certificate_expiry_time_seconds - time() < 14 * 86400',
    `A certificate of ${gate} ({{ $labels.listener }}) expires in {{ $value | humanizeDuration }}`,
    'Replace the certificate file. The gate reloads it within 2 seconds.',
  ],
  [
    'GateRefusesReplies',
    'warning',
    '0m',
    'increase(gatectl_gate_refused_replies_total[10m]) > 0',
    `${gate} refused calls that asked for a reply outside the inboxes`,
    "A program on NATS is misconfigured, or tries to write to other programs' subjects.",
  ],
  [
    'GateHeld',
    'warning',
    '2m',
    `gatectl_gate_event_loop_delay_seconds >= ${loopDelayMs.bad / 1000}`,
    `The event loop of ${gate} was held for {{ $value | humanizeDuration }}`,
    'All its clients wait meanwhile. Check the load of its machine and hooks of the project. Run: gatectl doctor',
  ],
  [
    'GateHeapFull',
    'critical',
    '5m',
    `gatectl_gate_heap_bytes / gatectl_gate_heap_limit_bytes >= ${heapShare.bad}`,
    `The heap of ${gate} is {{ $value | humanizePercentage }} full`,
    'The gate ends when it is full. Add a gate, or raise --max-old-space-size.',
  ],
  [
    'GateClientsSlow',
    'warning',
    '5m',
    `gatectl_gate_waiting_bytes >= ${waitingBytes.warn}`,
    `{{ $value | humanize1024 }}B wait in ${gate} for clients that read slowly`,
    'Check the network of the machine, and what is sent to all clients.',
  ],
  [
    'GateClockWrong',
    'warning',
    '5m',
    'abs(gatectl_gate_clock_time_seconds - timestamp(gatectl_gate_clock_time_seconds)) > 5',
    `The clock of ${gate} differs by {{ $value | humanizeDuration }}`,
    'Ages and expiry times are wrong. Check time synchronization on its host.',
  ],
];

/** Prometheus alerting rules (https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/). */
export const alertRules = {
  groups: [
    {
      name: 'gatectl',
      rules: rows.map(
        ([alert, severity, wait, expr, summary, description]): AlertRule => ({
          ...{alert, expr, for: wait, labels: {severity}},
          annotations: {summary, description},
        }),
      ),
    },
  ],
};
