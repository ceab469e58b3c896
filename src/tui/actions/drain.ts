import {ExitCode} from '../../base/errors.js';
import {incompleteError} from '../../cluster/incomplete-error.js';
import {defaultBulkPace, maxTargetsWithoutTypedConfirmation} from '../../cluster/write/bulk-limits.js';
import {type DrainedGate, drainGates} from '../../cluster/write/drain-gates.js';
import {planDrain} from '../../cluster/write/drain-plan.js';
import {defaultMaxConnects} from '../../cluster/write/reconnect-throttle.js';
import {formatCount, formatElapsed, formatPlural} from '../../output/text/humanize.js';
import {drainPaceText, drainWarnings} from '../../presentation/drain-plan-text.js';
import {parseCelDurationMs} from '../../selector/cel-duration.js';
import {celTerms} from '../../selector/cel-terms.js';
import {parseSelector} from '../../selector/selector.js';
import type {WriteJournal} from '../dashboard-deps.js';
import {cursorGateId} from '../model/action-targets.js';
import type {DialogFieldValues, DialogResult} from '../model/dialog-types.js';
import {throttleText} from '../throttle-text.js';
import {
  type ActionRunOptions,
  type ActionSpec,
  type ActionSubject,
  dialogNumberField,
  dialogTextField,
  missingReasonError,
  reasonFields,
  reasonToRecord,
} from './action-spec.js';
import {enteredRate} from './rate-field.js';

const gateOf = ({state}: ActionSubject): string => cursorGateId(state) ?? '';

const sessionsOf = ({state}: ActionSubject): number =>
  state.gates.get(cursorGateId(state) ?? '')?.samples.at(-1)?.sessions ?? 0;

const idleWords = ({idle = ''}: DialogFieldValues): readonly string[] =>
  idle.trim() === '' ? [] : ['--wait-idle', idle.trim()];

function idleFault({idle = ''}: DialogFieldValues): string | undefined {
  const ms = parseCelDurationMs(idle.trim());
  if (idle.trim() === '' || (ms !== undefined && ms > 0)) return undefined;
  return `invalid duration "${idle}": such as 30s or 5m, or nothing`;
}

/** A drain takes at least this many seconds by default, so that the clients reconnect one by one. */
const gentleSeconds = 30;

const gentleRate = (sessions: number): number =>
  Math.max(1, Math.min(defaultBulkPace.rate, Math.ceil(sessions / gentleSeconds)));

/** Returns how long the evictions take at the entered rate. */
function timeText(values: DialogFieldValues, subject: ActionSubject): string {
  const rate = enteredRate(values);
  if (rate === 0) return ' at once';
  const time = formatElapsed((sessionsOf(subject) * 1000) / rate);
  return idleWords(values).length === 0 ? ` in about ${time}` : ` in ${time} or more, as they become idle`;
}

/**
 * Drains the gate under the cursor: it refuses new sessions and evicts its own. Esc stops the
 * evictions.
 */
export const drainAction: ActionSpec = {
  kind: 'drain',
  title: (subject) => `drain ${gateOf(subject)}`,
  fields: (subject) => [
    dialogNumberField(
      'rate',
      'rate',
      String(gentleRate(sessionsOf(subject))),
      'evictions per second, 0 for no limit',
    ),
    dialogTextField('idle', 'idle for', '', 'spare sessions active within this time: 30s'),
    ...reasonFields(subject.state),
  ],
  validate: (values) => idleFault(values) ?? missingReasonError(values),
  preview: (values, subject) => [
    {
      text: `refuses new sessions and evicts ${formatPlural(sessionsOf(subject), 'session')}${timeText(values, subject)}`,
    },
    {text: 'Esc ends the evictions; the gate then refuses new sessions until it is resumed', tone: 'dim'},
  ],
  fetchPreview: async (values, subject, {cluster}) => {
    const plan = await planDrain(cluster, [gateOf(subject)]);
    return [
      ...drainWarnings(plan).map((text) => ({text, tone: 'warn'}) as const),
      {text: drainPaceText(plan, enteredRate(values)), tone: 'dim'},
    ];
  },
  confirmation: (subject) => {
    const question = `drain ${gateOf(subject)} and evict ${formatPlural(sessionsOf(subject), 'session')}?`;
    return sessionsOf(subject) > maxTargetsWithoutTypedConfirmation
      ? {ask: 'token', question, token: `drain ${gateOf(subject)}`}
      : {ask: 'yes', question};
  },
  command: (values, subject) => ['gates', 'drain', gateOf(subject), ...idleWords(values)],
  run: async (values, subject, job) => {
    const gate = gateOf(subject);
    const waitIdle = idleWords(values)[1];
    const input = {gate: [gate], rate: job.rate, ...(waitIdle !== undefined && {waitIdle})};
    let drained: DrainedGate | undefined;
    await job.deps.runWrite(
      {path: 'gates drain', input, reason: reasonToRecord(values, subject)},
      async (notes) => {
        drained = await drain(gate, values, job, notes);
        return drained?.left === 0 ? ExitCode.done : ExitCode.negative;
      },
    );
    return resultOf(drained);
  },
};

async function drain(
  gate: string,
  {idle = ''}: DialogFieldValues,
  {deps, rate, signal, progress}: ActionRunOptions,
  notes: WriteJournal,
): Promise<DrainedGate | undefined> {
  const {cluster, now} = deps;
  const plan = await planDrain(cluster, [gate]);
  const idleMs = parseCelDurationMs(idle.trim());
  notes.addChange(gate, {state: plan.gates[0]?.state ?? null}, {state: 'draining'});
  const report = throttleText(now, progress);
  let paused = '';
  const [drained] = await drainGates({
    ...{cluster, plan, rate, signal},
    where: idleMs === undefined ? undefined : await parseSelector(celTerms.idle(idleMs)),
    maxConnects: defaultMaxConnects(rate),
    maxErrors: defaultBulkPace.maxErrors,
    onProgress: ({sessions, left}) =>
      report(() => `${formatCount(left)} of ${formatCount(sessions)} sessions left${paused}`),
    onPause: (why) => {
      paused = why === undefined ? '' : `; paused: ${why}`;
    },
  });
  if (drained !== undefined)
    notes.counts = {evicted: drained.evicted, failed: drained.failed, left: drained.left ?? 0};
  return drained;
}

function resultOf(drained: DrainedGate | undefined): DialogResult {
  const {gate = '', evicted = 0, failed = 0, left = 0} = drained ?? {};
  const done = `${formatPlural(evicted, 'session')} evicted`;
  if (left === 0) return {tone: 'good', lines: [`${gate} drained`, done]};
  return {
    tone: 'warn',
    lines: [
      `${done}, ${formatCount(left)} left${failed === 0 ? '' : `, ${formatCount(failed)} failed`}`,
      `${gate} still refuses new sessions: d continues, i resumes it`,
    ],
  };
}

/** Makes the gate under the cursor accept new sessions again. */
export const resumeAction: ActionSpec = {
  kind: 'resume',
  title: (subject) => `resume ${gateOf(subject)}`,
  fields: ({state}) => reasonFields(state),
  validate: missingReasonError,
  preview: () => [{text: 'takes new sessions again'}],
  confirmation: (subject) => ({ask: 'yes', question: `resume ${gateOf(subject)}?`}),
  command: (_, subject) => ['gates', 'resume', gateOf(subject)],
  run: async (values, subject, {deps}) => {
    const gate = gateOf(subject);
    const write = {path: 'gates resume', input: {gate: [gate]}, reason: reasonToRecord(values, subject)};
    await deps.runWrite(write, async (notes) => {
      const {results, outcomes} = await deps.cluster.each((one) => one.setDraining(false), {gates: [gate]});
      const resumed = results.get(gate);
      if (resumed === undefined) throw incompleteError(`cannot resume ${gate}`, outcomes);
      notes.addChange(gate, {state: 'draining'}, {state: resumed.state});
      return ExitCode.done;
    });
    return {tone: 'good', lines: [`${gate} takes new sessions`]};
  },
};
