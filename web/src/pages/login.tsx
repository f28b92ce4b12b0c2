import { useState } from 'preact/hooks';
import { type Problem, problemOf } from '../api.ts';
import { signIn } from '../session.ts';

export function Login() {
  const [isToken, setToken] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const text = (key: string): string => {
      const value = form.get(key);
      return typeof value === 'string' ? value : '';
    };
    setBusy(true);
    setProblem(null);
    try {
      await signIn(
        isToken ? { token: text('token').trim() } : { user: text('user').trim(), password: text('password') },
      );
    } catch (error) {
      setProblem(problemOf(error));
      setBusy(false);
    }
  };
  return (
    <main class="alone">
      <h1>
        <img src="/icon.svg" alt="" width="32" height="32" /> roomd
      </h1>
      <form class="login" onSubmit={(event) => void submit(event)}>
        {isToken ? (
          <label>
            Token
            <input name="token" type="password" autocomplete="off" required autofocus />
          </label>
        ) : (
          <>
            <label>
              User
              <input name="user" autocomplete="username" required autofocus />
            </label>
            <label>
              Password
              <input name="password" type="password" autocomplete="current-password" required />
            </label>
          </>
        )}
        {problem !== null && (
          <p class="notice bad" role="alert">
            {problem.message}
          </p>
        )}
        <button type="submit" class="main" disabled={isBusy}>
          Sign in
        </button>
        <button type="button" class="plain" onClick={() => setToken(!isToken)}>
          {isToken ? 'Use a name and a password' : 'Use a token'}
        </button>
      </form>
      <p class="hint">
        Nobody has given you one? An administrator makes it with <code>roomd user create</code> or{' '}
        <code>roomd token create</code>.
      </p>
    </main>
  );
}
