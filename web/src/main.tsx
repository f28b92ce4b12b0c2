import { render } from 'preact';
import { App } from './app.tsx';
import { listen } from './live.ts';
import { followLinks } from './route.ts';
import { readSession } from './session.ts';
import './style.css';

const root = document.getElementById('app');
if (root !== null) {
  followLinks();
  void readSession();
  listen();
  render(<App />, root);
}
