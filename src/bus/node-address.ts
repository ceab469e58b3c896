const maxAddressBytes = 255;
/** Matches a NATS token: letters, digits and punctuation, without wildcards, white space and control characters. */
const token = /^[!-)+-\-/-=?-~]+$/;

/** Returns true if a string from a registry is a valid subject to publish to. */
export function isPublishableAddress(text: string): boolean {
  return (
    text.length > 0 && text.length <= maxAddressBytes && text.split('.').every((part) => token.test(part))
  );
}

const ownToken = /^[A-Za-z0-9_-]+$/;

/** Returns true if a string is valid as a node type or id. Both become tokens of the node's subjects. */
export function isNodeToken(text: string): boolean {
  return ownToken.test(text) && text.length <= 64;
}

/** Subjects of all calls to gatectl's own nodes. */
export const gatectlNodeSubjects = ['mqant.gate.>', 'mqant.module.>'] as const;

/** Returns true if a subject belongs to one of gatectl's own nodes. */
export function isGatectlNodeAddress(text: string): boolean {
  return (
    isPublishableAddress(text) && gatectlNodeSubjects.some((subject) => text.startsWith(subject.slice(0, -1)))
  );
}

/**
 * Returns true if an address from a registry may be called. Publishing to NATS's own `$…` subjects would have side
 * effects.
 */
export function isCallableAddress(text: string): boolean {
  return isPublishableAddress(text) && !text.startsWith('$');
}

/** Returns the subject on which a node accepts calls of every function. */
export function nodeAddress(kind: 'gate' | 'module', nodeId: string): string {
  const [type, id] = splitNodeId(nodeId);
  return `mqant.${kind}.${type}.${id}`;
}

/** Splits `Gate@a` into `['Gate', 'a']`. A string without `@` is a type. */
export function splitNodeId(nodeId: string): readonly [type: string, id: string] {
  const at = nodeId.indexOf('@');
  return at < 0 ? [nodeId, ''] : [nodeId.slice(0, at), nodeId.slice(at + 1)];
}
