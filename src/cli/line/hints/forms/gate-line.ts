/** Words of other tools that take a gate out of service. */
const drainWords = wordSet(
  'drain draining drained cordon quiesce maint maintenance maintenance-mode disable pause stop down offline ' +
    'suspend isolate lameduck lame-duck lame ldm shutdown out out-of-service evacuate leave deregister unready block ' +
    'close lock freeze retire decommission remove rm take-out unschedule',
);
/** Those that keep the existing sessions. */
const keepingWords = wordSet('cordon quiesce lame-duck lameduck unschedule');
/** Words of other tools that put a gate back into service. */
const resumeWords = wordSet(
  'resume undrain un-drain uncordon enable start up online active activate serving ready back unpause reopen ' +
    'rejoin open unlock return restore in-service unisolate unblock unmaintenance register',
);
/** Words that mean the end of a drain also beside `drain`. */
const endWords = wordSet('resume undrain un-drain uncordon back restore');
/** Words that turn `drain` into its opposite. */
const negations = wordSet('off undo cancel stop end disable no false 0 remove clear');
/** Words that mean nothing beside a gate and one of the words above. */
const fillers = wordSet(
  'set put take bring mark make get into in of from to on for again now service state status mode availability eligibility duck ' +
    'update change gate gates node nodes server servers svc instance true 1 drain enable is the',
);

/** Words that close connections. */
const kickWords = wordSet('kick kicked kick-all kickall kicking disconnect evict kill empty flush clear');
/** Words that close connections if the line also speaks of all or of sessions, since a gate is closed, too. */
const closeWords = wordSet('close drop delete remove rm terminate del');
const everyone = wordSet(
  'all everyone everybody everything users clients sessions session players connections *',
);
const slowWords = wordSet('slow slowly gently gradually --slow --slowly --gently --gradually');
/** Writes per second that stand for `slowly`. */
const slowRate = '10';

function wordSet(text: string): ReadonlySet<string> {
  return new Set(text.split(' '));
}

/** Matches a gate, optionally with its noun: `Gate@a1`, `gate/Gate@a1`, `gate=Gate@a1`. */
const gateForm = /^(?:(?:gates?|nodes?|server)[=/:])?([A-Z]\w*@[\w-]+)(?:\/\*)?$/;

/** Returns the id of the only gate in these words; undefined if they name none or several. */
function gateIn(words: readonly string[]): string | undefined {
  const gates = words.flatMap((word) => gateForm.exec(word)?.[1] ?? []);
  return gates.length === 1 ? gates[0] : undefined;
}

/** Splits `state=draining` and removes dashes: `-enable` is `enable`. */
const plainWords = (words: readonly string[]): readonly string[] =>
  words
    .filter((word) => !gateForm.test(word))
    .flatMap((word) => word.replace(/^-+(?=[a-z])/, '').split('='))
    .map((word) => word.toLowerCase());

/**
 * Returns the words of `gates drain` or `gates resume` for a line that changes the state of a gate in any order: `set gate
 * Gate@a1 state=draining`, `undo drain Gate@a1`. Returns undefined if another word is among them.
 */
export function gateStateLine(words: readonly string[]): readonly string[] | undefined {
  const gate = gateIn(words);
  const plain = plainWords(words);
  const isKnown = (word: string): boolean =>
    [drainWords, resumeWords, negations, fillers].some((some) => some.has(word));
  if (gate === undefined || plain.length === 0 || !plain.every(isKnown)) return undefined;
  const drains = plain.filter((word) => drainWords.has(word));
  const isUndone = plain.some(
    (word) => endWords.has(word) || (negations.has(word) && drains.some((one) => one !== word)),
  );
  const isIn = plain.includes('in') && plain.includes('service');
  if (isUndone || (drains.length === 0 && (isIn || plain.some((word) => resumeWords.has(word)))))
    return ['gates', 'resume', gate];
  const keeps = plain.some((word) => keepingWords.has(word)) ? ['--no-evict'] : [];
  return drains.length > 0 ? ['gates', 'drain', gate, ...keeps] : undefined;
}

/**
 * Returns the words of `sessions kick --gate` for a line that closes all sessions of a gate: `kick everyone on Gate@a1 slowly`.
 * Keeps the flags. Returns undefined if another word is among them.
 */
export function gateKickLine(words: readonly string[]): readonly string[] | undefined {
  const start = words.findIndex((word) => word.startsWith('--') && !slowWords.has(word));
  const named = start < 0 ? words : words.slice(0, start);
  const flags = start < 0 ? [] : words.slice(start);
  const gate = gateIn(named);
  const plain = named.filter((word) => !gateForm.test(word)).map((word) => word.toLowerCase());
  const isKnown = (word: string): boolean =>
    [kickWords, closeWords, everyone, slowWords, fillers].some((some) => some.has(word));
  const isOfAll = plain.some((word) => everyone.has(word));
  const isKick = plain.some((word) => kickWords.has(word) || (closeWords.has(word) && isOfAll));
  if (gate === undefined || !isKick || !plain.every(isKnown)) return undefined;
  const isSlow = [...plain, ...flags].some((word) => slowWords.has(word)) && !flags.includes('--rate');
  const rate = isSlow ? ['--rate', slowRate] : [];
  const kept = flags.filter((word) => !slowWords.has(word) && word !== '--all');
  return ['sessions', 'kick', '--gate', gate, ...rate, ...kept];
}
