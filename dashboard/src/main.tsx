// The general styles come first, so that a page's own can go beyond them.
import './styles/tokens.css';
import './styles/base.css';
import './styles/parts.css';
import { render } from 'preact';
import { App } from './app';
import { startTheme } from './ui/theme';

startTheme();
const root = document.getElementById('app');
if (root) render(<App />, root);
