// The server has the package's file at this address.
export { default } from 'uplot';
