// The module that signs clients in, as a process of its own that can be killed.
import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {until} from '../../support/poll.js';
import {cleanEnvironment} from '../../support/run-cli.js';

export const rightPassword = 'right';

const program = `
  import {connectBus, openRegistry, startModule} from './dist/lib/module.js';
  const bus = await connectBus({server: process.argv[1], timeoutMs: 5000, reconnect: true});
  const registry = openRegistry('nats://', {bus});
  const judge = ({username, password}) =>
    password === '${rightPassword}' ? {allow: true, uid: username} : {allow: false, reason: 'bad credentials'};
  const functions = {Authenticate: async ([client]) => judge(client)};
  await startModule({type: 'Login', id: 'l', bus, registry, handlers: {}, functions});
  console.log('serving');`;

export class LoginModule implements AsyncDisposable {
  private child: ChildProcess | undefined;

  constructor(private readonly server: string) {}

  async start(): Promise<void> {
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
    await until(() => said.includes('serving'), {what: 'the login module'});
  }

  async kill(): Promise<void> {
    if (this.child === undefined || this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }
}
