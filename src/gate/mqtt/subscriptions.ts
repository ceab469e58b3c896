import type {ConnectionState, ConnectionsQuery} from '../../session/connection-state.js';

/** QoS of a push. 2 is never used. */
export type PushQos = 0 | 1;

/** Maximum length of a client's filters together, in characters. Each filter counts `filterCost` more. */
const maxFilterText = 64 * 1024;
const filterCost = 64;

/**
 * A client's topic filters. They only determine the QoS of pushes: as in mqant, a push reaches a client whatever it
 * has subscribed to.
 */
export class Subscriptions {
  private readonly granted = new Map<string, PushQos>();
  private text = 0;

  /** Adds a filter. Returns the granted QoS, which is at most 1; undefined if the client has too many filters. */
  add(filter: string, asked: number): PushQos | undefined {
    const qos = asked === 0 ? 0 : 1;
    if (!this.granted.has(filter)) {
      const text = this.text + filter.length + filterCost;
      if (text > maxFilterText) return undefined;
      this.text = text;
    }
    this.granted.set(filter, qos);
    return qos;
  }

  /** Removes a filter. Returns false if there was no such filter. */
  remove(filter: string): boolean {
    if (!this.granted.delete(filter)) return false;
    this.text -= filter.length + filterCost;
    return true;
  }

  /** Returns the highest QoS of the matching filters [MQTT-3.3.5-1]; 1 if none matches. */
  qosOf(topic: string): PushQos {
    let highest: PushQos | undefined;
    for (const [filter, qos] of this.granted) {
      if (qos === highest || !matchesFilter(topic, filter)) continue;
      if (qos === 1) return 1;
      highest = qos;
    }
    return highest ?? 1;
  }

  /**
   * Returns, for operators, the number of filters, whether one matches a topic, and, if requested, the filters. These
   * are omitted if they are longer than `roomBytes` together.
   */
  state({topic, subscriptions}: StateQuery, roomBytes: number): ConnectionState {
    const {granted} = this;
    const hasRoom = this.text - granted.size * filterCost <= roomBytes;
    return {
      subscriptionCount: granted.size,
      ...(topic !== undefined && {subscribed: this.matches(topic)}),
      ...(subscriptions === true &&
        hasRoom && {subscriptions: Array.from(granted, ([filter, qos]) => ({filter, qos}))}),
    };
  }

  private matches(topic: string): boolean {
    for (const filter of this.granted.keys()) if (matchesFilter(topic, filter)) return true;
    return false;
  }
}

type StateQuery = Pick<ConnectionsQuery, 'topic' | 'subscriptions'>;

const [plus, hash] = [0x2b, 0x23];

/** Shared by all clients that have not subscribed to anything. */
export const emptySubscriptions = new Subscriptions();

/**
 * Returns true if the filter matches the topic; both must be valid. Compares character by character up to the first
 * difference, because a client may have a thousand filters, or one of thousands of levels. A wildcard in the first level doesn't match
 * topics that begin with `$` [MQTT-4.7.2-1].
 */
function matchesFilter(topic: string, filter: string): boolean {
  if (topic === filter) return true;
  if (topic.startsWith('$') && !filter.startsWith('$')) return false;
  let at = 0;
  for (let index = 0; index < filter.length; index += 1) {
    const code = filter.charCodeAt(index);
    if (code === hash) return true;
    if (code === plus) {
      const slash = topic.indexOf('/', at);
      at = slash < 0 ? topic.length : slash;
    } else if (at < topic.length && topic.charCodeAt(at) === code) at += 1;
    // `a/#` also matches the parent level `a` [4.7.1.2]
    else return at === topic.length && index === filter.length - 2 && filter.endsWith('/#');
  }
  return at === topic.length;
}
