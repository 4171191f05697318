import { request } from 'node:http';

/** Asks the array's control socket, and returns the JSON it answers. Throws what the array says is wrong, or after 60 s. */
export function askControl<T>(socketPath: string, method: 'GET' | 'POST', path: string, body?: object): Promise<T> {
  return new Promise((resolve, reject) => {
    const call = request({ socketPath, method, path, timeout: 60_000, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.on('error', reject);
      response.on('end', () => {
        const answer = JSON.parse(text) as T & { readonly error?: string };
        if (response.statusCode === 200) resolve(answer);
        else reject(new Error(`the array answers to ${method} ${path}: ${answer.error}`));
      });
    });
    call.on('timeout', () => call.destroy(new Error(`the array does not answer to ${method} ${path} in 60 s`)));
    call.on('error', reject);
    call.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
