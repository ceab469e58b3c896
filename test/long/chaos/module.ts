// The module of the cluster, as a program of its own that can be killed and stopped.
import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {until} from '../../support/poll.js';
import {cleanEnvironment} from '../../support/run-cli.js';

const program = `
  import {connectBus, openRegistry, startModule} from './dist/lib/module.js';
  const bus = await connectBus({server: process.argv[1], timeoutMs: 2000, reconnect: true});
  const registry = openRegistry('nats://', {bus});
  const handlers = {HD_echo: (session, body) => ({said: body.name, gate: session.serverId})};
  await startModule({type: 'HelloWorld', id: 'h', bus, registry, handlers});
  console.log('serving');`;

export class ModuleProcess implements AsyncDisposable {
  private child: ChildProcess | undefined;

  private constructor(private readonly server: string) {}

  static async start(server: string): Promise<ModuleProcess> {
    const module = new ModuleProcess(server);
    await module.restart();
    return module;
  }

  signal(signal: NodeJS.Signals): void {
    this.child?.kill(signal);
  }

  async restart(): Promise<void> {
    await this.kill();
    const argv = ['--input-type=module', '-e', program, this.server];
    const child = spawn(process.execPath, argv, {
      env: cleanEnvironment(),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.child = child;
    let said = '';
    child.stdout.on('data', (text) => {
      said += text;
    });
    await until(() => said.includes('serving'), {timeoutMs: 15_000, what: 'the module to serve'});
  }

  private async kill(): Promise<void> {
    const {child} = this;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGCONT');
    child.kill('SIGKILL');
    await exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }
}
