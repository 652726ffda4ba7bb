import type { JSX } from "preact";

function icon(path: string): JSX.Element {
  return (
    <svg viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={path} />
    </svg>
  );
}

export const chatIcon = icon("M4 5.5h16v11H11l-4.5 3.5v-3.5H4zM8 9.7h8M8 12.8h5");
export const closeIcon = icon("M6 6l12 12M18 6L6 18");
export const menuIcon = icon("M12 5.5v.01M12 12v.01M12 18.5v.01");
export const sendIcon = icon("M12 19V5.5M5.5 12L12 5.5l6.5 6.5");
export const fileIcon = icon("M7 3.5h7l4 4v13H7zM14 3.5v4h4M10 12.5h5M10 16h5");
export const downIcon = icon("M6 10l6 6 6-6");
export const checkIcon = icon("M5 12.5l4.5 4.5L19 7.5");
