/** Wording of verbs that need more words before the targets. */
const questionVerbs: Readonly<Record<string, string>> = {
  send: 'send to',
  set: 'set settings on',
  unset: 'unset settings on',
};

/** Returns a question such as `send to all 30 sessions in the cluster?` or `kick 3 sessions?`. `targets` is a count and noun. */
export function bulkQuestion(verb: string, targets: string, isWholeCluster = false): string {
  const action = questionVerbs[verb] ?? verb;
  return isWholeCluster ? `${action} all ${targets} in the cluster?` : `${action} ${targets}?`;
}
