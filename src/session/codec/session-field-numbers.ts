/** Field numbers in mqant's `basegate.sessionImp` (gate/base/session.proto, the same from v1.2.0 to v1.5.3). */
export const sessionFieldNumbers = {
  ip: 1,
  network: 2,
  userId: 3,
  sessionId: 4,
  serverId: 5,
  traceId: 6,
  spanId: 7,
  settings: 8,
  carrier: 9,
  topic: 10,
} as const;
