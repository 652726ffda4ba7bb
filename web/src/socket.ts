/** The socket to the server. */

import { io } from "socket.io-client";

const CONNECT_MS = 8000;
const FIRST_DELAY_MS = 500;
const MOST_DELAY_MS = 5000;

/** The part of a socket that is used here. */
export interface Socket {
  active: boolean;
  connected: boolean;
  connect(): void;
  disconnect(): void;
  emitWithAck(timeout: number, event: string, data: object): Promise<unknown>;
  /** Drop the connection as the network does; it is made again. */
  interrupt(): void;
  on(event: string, listener: (data: unknown) => void): void;
}

export type Connector = (auth: () => object) => Socket;

/** The connector of a server's address. */
export function socketTo(server: string): Connector {
  return (auth) => {
    const { origin, pathname } = new URL(server);
    const socket = io(origin, {
      path: `${pathname.replace(/\/$/, "")}/chat/socket.io`,
      transports: ["websocket", "polling"],
      tryAllTransports: true,
      timeout: CONNECT_MS,
      reconnectionDelay: FIRST_DELAY_MS,
      reconnectionDelayMax: MOST_DELAY_MS,
      autoConnect: false,
      forceNew: true,
      auth: (give) => give(auth()),
    });
    return {
      get active() {
        return socket.active;
      },
      get connected() {
        return socket.connected;
      },
      connect: () => void socket.connect(),
      disconnect: () => void socket.disconnect(),
      emitWithAck: (timeout, event, data) => socket.timeout(timeout).emitWithAck(event, data),
      interrupt: () => socket.io.engine?.close(),
      on: (event, listener) => void socket.on(event, listener),
    };
  };
}
