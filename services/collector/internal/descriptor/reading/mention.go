package reading

import (
	"regexp"
	"slices"
	"strings"

	provisov1 "proviso.dev/proto/proviso/v1"
)

// A Mention is a host that a secret value of a component names. The value itself goes no further, but that the component needs
// what runs there is a fact: "postgres://shop:…@db/shop" needs db.
type Mention struct {
	// Component whose variable it is; empty: the component that the result is about.
	Component string
	// Host as written.
	Host string
	// Evidence of the variable.
	Evidence *provisov1.Evidence
}

// Variable is the fact that a component has a variable of that value, and the hosts that a value names which goes no further.
func Variable(component, name, value string, at *provisov1.Evidence) (*provisov1.EnvironmentFact, []Mention) {
	shown, secret := Value(name, value)
	fact := &provisov1.EnvironmentFact{Name: Cut(name, 256), Secret: secret, Value: shown, Evidence: at}
	if !secret {
		return fact, nil
	}
	var mentions []Mention
	for _, host := range Hosts(name, value) {
		mentions = append(mentions, Mention{Component: component, Host: host, Evidence: at})
	}
	return fact, mentions
}

// mostOfValue bounds how much of a value is searched for hosts, in bytes.
const mostOfValue = 4096

// hostName finds the variables whose whole value may be a host: DB_HOST=db. In others a word alone is only a word: MODE=web.
var hostName = regexp.MustCompile(`(?i)(HOST|HOSTS|HOSTNAME|SERVER|SERVERS|ADDR|ADDRESS|ADDRESSES|URL|URLS|URI|ENDPOINT|ENDPOINTS|BROKER|BROKERS|NODES|UPSTREAM|BACKEND|SERVICE)$`)

// Forms in which a host stands.
var (
	hostForm    = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9._-]{0,251}[A-Za-z0-9])?$`)
	portForm    = regexp.MustCompile(`^[0-9]{1,5}$`)
	wrapped     = regexp.MustCompile(`\((?:[a-z]+=)?([^()]*)\)`)
	wordOfDSN   = regexp.MustCompile(`(?i)^(host|hostname|server|addr|address|data source)=(.+)$`)
	schemeOfURL = regexp.MustCompile(`^(?:jdbc:)?[a-zA-Z][a-zA-Z0-9+.-]*:(?:[a-z]+:)?//`)
	inCluster   = regexp.MustCompile(`^([A-Za-z0-9-]+)\.[A-Za-z0-9-]+\.svc(?:\.[A-Za-z0-9.-]+)?$`)
)

// Hosts returns the words of a variable's value that stand where a host stands, in order and each once: in an address, before a
// port, or alone when the name says that it is a host. Of a name inside a Kubernetes cluster its first label counts too.
func Hosts(name, value string) []string {
	value = value[:min(len(value), mostOfValue)]
	var hosts []string
	add := func(host string) {
		if hostForm.MatchString(host) && !slices.Contains(hosts, host) {
			hosts = append(hosts, host)
			if m := inCluster.FindStringSubmatch(host); m != nil {
				hosts = append(hosts, m[1])
			}
		}
	}
	for _, piece := range strings.FieldsFunc(value, func(r rune) bool { return strings.ContainsRune(",; \t\n\"'", r) }) {
		sure := hostName.MatchString(name)
		if m := wordOfDSN.FindStringSubmatch(piece); m != nil {
			piece, sure = m[2], true
		}
		if prefix := schemeOfURL.FindString(piece); prefix != "" {
			piece, sure = piece[len(prefix):], true
		}
		if m := wrapped.FindStringSubmatch(piece); m != nil {
			piece = m[1]
		}
		piece, _, _ = strings.Cut(piece, "/")
		piece, _, _ = strings.Cut(piece, "?")
		if at := strings.LastIndexByte(piece, '@'); at >= 0 {
			piece, sure = piece[at+1:], true
		}
		host, port, found := strings.Cut(piece, ":")
		if found && !portForm.MatchString(port) && !unresolved(port) {
			continue
		}
		if sure || found {
			add(host)
		}
	}
	return hosts
}

// unresolved reports whether a port is a variable that was left as written.
func unresolved(port string) bool { return strings.HasPrefix(port, "$") }
