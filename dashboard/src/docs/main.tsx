import '../styles/tokens.css';
import '../styles/base.css';
import '../styles/parts.css';
import '../styles/docs.css';
import { render } from 'preact';
import { startTheme } from '../ui/theme';
import { Docs } from './docs';

startTheme();
const root = document.getElementById('app');
if (root) render(<Docs />, root);
