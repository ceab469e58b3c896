const maxAddressBytes = 255;
/** Letters, digits and punctuation that NATS takes in a token; no wildcard, no white space, no control character. */
const token = /^[!-)+-\-/-=?-~]+$/;

/** Whether a text from a registry may be used as a subject to publish to. */
export function isAddress(text: string): boolean {
  return (
    text.length > 0 && text.length <= maxAddressBytes && text.split('.').every((part) => token.test(part))
  );
}

const ownToken = /^[A-Za-z0-9_-]+$/;

/** Whether a text may be the type or the id of a node of ours, since both become tokens of its subjects. */
export function isNodeToken(text: string): boolean {
  return ownToken.test(text) && text.length <= 64;
}

/** Where all calls to nodes of ours pass; inboxes of theirs are those of NATS. */
export const nodeSubjects = ['mqant.gate.>', 'mqant.module.>'] as const;

/** Whether a subject is below those of our nodes. */
export function isNodeAddress(text: string): boolean {
  return isAddress(text) && nodeSubjects.some((subject) => text.startsWith(subject.slice(0, -1)));
}

/** Whether an address that somebody else wrote down may be called. NATS's own subjects do things when they are published to. */
export function isRemoteAddress(text: string): boolean {
  return isAddress(text) && !text.startsWith('$');
}

/** The subject that takes any function of a node of ours. */
export function nodeAddress(kind: 'gate' | 'module', nodeId: string): string {
  const [type, id] = splitNodeId(nodeId);
  return `mqant.${kind}.${type}.${id}`;
}

/** `Gate@a` → `['Gate', 'a']`; a text without `@` is all type. */
export function splitNodeId(nodeId: string): readonly [type: string, id: string] {
  const at = nodeId.indexOf('@');
  return at < 0 ? [nodeId, ''] : [nodeId.slice(0, at), nodeId.slice(at + 1)];
}
