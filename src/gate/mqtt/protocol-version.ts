/** The protocol level in CONNECT: 3 for MQTT 3.1, 4 for 3.1.1, 5 for 5. */
export type ProtocolVersion = 3 | 4 | 5;
