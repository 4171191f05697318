// Loaded before a program (`node --import`) to search for mistakes that show only where the API server, or we, are slow: each watch tells its
// events late, by a time of its own between 0 and PROFFER_LATE_WATCHES_MS. So kinds are heard of in another order than things happened, and
// caches are behind what the program wrote itself. See CONTRIBUTING.md.
import { HttpKubeClient } from '../../src/kube/http-client.ts';

const most = Number(process.env['PROFFER_LATE_WATCHES_MS'] ?? '0');
// oxlint-disable-next-line typescript/unbound-method -- called with the client as `this`
const { stream } = HttpKubeClient.prototype;

HttpKubeClient.prototype.stream = async function late(request, onLine) {
  const lateMs = Math.random() * most;
  let told = Promise.resolve();
  let failure: unknown;
  const tell = async (line: string, due: number): Promise<void> => {
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - performance.now())));
    if (failure !== undefined) return;
    try {
      onLine(line);
    } catch (error) {
      failure = error;
    }
  };
  const rethrow = (): void => {
    if (failure !== undefined) throw failure;
  };
  try {
    await stream.call(this, request, (line) => {
      rethrow();
      const due = performance.now() + lateMs;
      told = told.then(() => tell(line, due));
    });
  } finally {
    await told;
  }
  rethrow();
};
