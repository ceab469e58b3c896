/** 3 is MQTT 3.1, 4 is 3.1.1, 5 is 5. */
export type ProtocolVersion = 3 | 4 | 5;
