import {connectAsync, type IClientOptions, type MqttClient} from 'mqtt';

/** Real MQTT clients that end with the test: `await using clients = new MqttClients()`. */
export class MqttClients implements AsyncDisposable {
  private readonly clients: MqttClient[] = [];

  /** MQTT 3.1.1 as mqant knows it, once the server has said CONNACK. */
  async open(url: string, options: IClientOptions = {}): Promise<MqttClient> {
    const client = await connectAsync(url, {reconnectPeriod: 0, keepalive: 30, ...options});
    client.on('error', () => {});
    this.clients.push(client);
    return client;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.clients) client.end(true);
  }
}
