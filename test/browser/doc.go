// Package browser tests the gateway's web page as people use it: in a real browser, against a whole system.
//
// It owns the browser, the system behind the page and what every page test watches for: scripts that fail, requests that
// leave the gateway, violations of the page's policy and of accessibility. What a right manifest is, test/e2e says.
package browser
