import type {PublishFrame} from './publish-frame.js';
import {SubjectTrie} from './subject-trie.js';
import {isPublishSubject} from './subjects.js';
import type {BusClient, Subscription} from './subscription.js';
import {SubscriptionDelivery} from './subscription-delivery.js';

interface Route {
  readonly all: readonly SubscriptionDelivery[];
  readonly groups: readonly (readonly SubscriptionDelivery[])[];
}

const maxRoutes = 4096;

/** Routes messages to subscriptions. Caches the matches for a subject until any subscription changes. */
export class SubjectRouter {
  private readonly trie = new SubjectTrie<Subscription>();
  private readonly routes = new Map<string, Route>();

  /** `random` returns a number in [0, 1). It selects the member of a queue group. */
  constructor(private readonly random: () => number) {}

  add(subscription: Subscription): void {
    this.trie.add(subscription);
    this.routes.clear();
  }

  remove(subscription: Subscription): void {
    this.trie.remove(subscription);
    this.routes.clear();
  }

  /** Sends a message to all matching subscriptions. Returns false if the subject is invalid for publishing. */
  publish(frame: PublishFrame, from: BusClient): boolean {
    const route = this.routes.get(frame.subject) ?? this.findRoute(frame.subject);
    if (route === undefined) return false;
    let reached = false;
    for (const delivery of route.all) if (delivery.send(frame, from)) reached = true;
    for (const group of route.groups) if (this.sendToOne(group, frame, from)) reached = true;
    if (!reached && frame.reply !== '') this.answerNobody(frame.reply, from);
    return true;
  }

  private findRoute(subject: string): Route | undefined {
    if (!isPublishSubject(subject)) return undefined;
    const {all, groups} = this.trie.match(subject);
    const toDelivery = (subscription: Subscription) => new SubscriptionDelivery(subscription, subject);
    const route = {all: all.map(toDelivery), groups: groups.map((group) => group.map(toDelivery))};
    if (this.routes.size >= maxRoutes) this.routes.clear();
    this.routes.set(subject, route);
    return route;
  }

  /** Sends a message to a random member of a group, or to the next one that can receive it. */
  private sendToOne(group: readonly SubscriptionDelivery[], frame: PublishFrame, from: BusClient): boolean {
    const first = Math.floor(this.random() * group.length);
    for (let step = 0; step < group.length; step += 1) {
      if (group[(first + step) % group.length]?.send(frame, from)) return true;
    }
    return false;
  }

  /**
   * Sends nats-server's "no responders" status (an empty message with status 503) to the reply subject of the caller.
   */
  private answerNobody(reply: string, from: BusClient): void {
    if (!from.wantsNoResponders || !isPublishSubject(reply)) return;
    const own = this.trie.match(reply).all.find((subscription) => subscription.client === from);
    if (own !== undefined) new SubscriptionDelivery(own, reply).sendNoResponders();
  }
}
