package pve

import (
	"bytes"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	testSecret = "5f1b7c0e-aaaa-bbbb-cccc-0123456789ab"
	testToken  = "proviso@pve!reader=" + testSecret
)

// quiet keeps the servers' handshake errors out of the tests' output.
var quiet = log.New(io.Discard, "", 0)

// A stub answers as a cluster would. Answers are looked up by path and query below /api2/json, then by path alone; what is
// not there is answered with 501, as Proxmox VE does.
type stub struct {
	*httptest.Server

	mu      sync.Mutex // guards what follows
	answers map[string]http.HandlerFunc
	seen    []string // "GET /version"
}

// change changes what the stub answers from now on.
func (s *stub) change(how func(map[string]http.HandlerFunc)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	how(s.answers)
}

func newStub(t *testing.T, answers map[string]http.HandlerFunc) *stub {
	t.Helper()
	s := &stub{answers: answers}
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(s.answer))
	s.Config.ErrorLog = quiet
	s.StartTLS()
	t.Cleanup(s.Close)
	return s
}

func (s *stub) answer(w http.ResponseWriter, req *http.Request) {
	path := strings.TrimPrefix(req.URL.Path, apiRoot)
	s.mu.Lock()
	s.seen = append(s.seen, req.Method+" "+path)
	s.mu.Unlock()
	if req.Header.Get("Authorization") != "PVEAPIToken="+testToken {
		refuse(http.StatusUnauthorized, "no tokens", "")(w, req)
		return
	}
	s.mu.Lock()
	answer, ok := s.answers[path+"?"+req.URL.RawQuery]
	if !ok {
		answer, ok = s.answers[path]
	}
	s.mu.Unlock()
	if ok {
		answer(w, req)
		return
	}
	refuse(http.StatusNotImplemented, "Method 'GET "+path+"' not implemented", `{"data":null}`)(w, req)
}

func (s *stub) requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.seen...)
}

// reader returns a reader of the stub that trusts it and does not pause between attempts.
func (s *stub) reader(t *testing.T, change func(*Config)) *Reader {
	t.Helper()
	cfg := Config{Endpoint: s.URL, Token: testToken, CAPEM: s.authority(), Timeout: 10 * time.Second}
	if change != nil {
		change(&cfg)
	}
	r, err := NewReader(cfg)
	if err != nil {
		t.Fatal(err)
	}
	r.backoff = func(int) time.Duration { return 0 }
	return r
}

func (s *stub) authority() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})
}

// data answers with JSON under the key data.
func data(json string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json;charset=UTF-8")
		_, _ = fmt.Fprintf(w, `{"data":%s}`, json)
	}
}

// refuse answers with a status line of its own, which net/http cannot send: Proxmox VE puts its messages there.
func refuse(code int, phrase, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		var b bytes.Buffer
		fmt.Fprintf(&b, "HTTP/1.1 %d %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s",
			code, phrase, len(body), body)
		raw(w, b.String())
	}
}

// breakOff promises more than it sends.
func breakOff(w http.ResponseWriter, _ *http.Request) {
	raw(w, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 4096\r\n\r\n{\"data\":[")
}

func raw(w http.ResponseWriter, answer string) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		panic(err)
	}
	defer func() { _ = conn.Close() }()
	_, _ = io.WriteString(conn, answer)
}

// inTurn answers with one handler after another, the last one for ever.
func inTurn(answers ...http.HandlerFunc) http.HandlerFunc {
	var (
		mu sync.Mutex
		n  int
	)
	return func(w http.ResponseWriter, req *http.Request) {
		mu.Lock()
		answer := answers[min(n, len(answers)-1)]
		n++
		mu.Unlock()
		answer(w, req)
	}
}

// auditor is what /access/permissions answers for the role PVEAuditor on /.
const auditor = `{"Datastore.Audit":1,"Mapping.Audit":1,"Pool.Audit":1,"SDN.Audit":1,"Sys.Audit":1,"VM.Audit":1,"VM.GuestAgent.Audit":1}`

// cluster is a cluster of three nodes, pmox03 having just gone away, and every kind of thing that a snapshot holds.
func cluster(version string) map[string]http.HandlerFunc {
	answers := map[string]http.HandlerFunc{
		"/version":            data(`{"release":"x","repoid":"y","version":"` + version + `"}`),
		"/access/permissions": data(`{"/":` + auditor + `}`),
		"/cluster/status": data(`[
			{"type":"cluster","id":"cluster","name":"lab","nodes":3,"quorate":1,"version":7},
			{"type":"node","id":"node/pmox01","name":"pmox01","online":1,"local":1},
			{"type":"node","id":"node/pmox02","name":"pmox02","online":1},
			{"type":"node","id":"node/pmox03","name":"pmox03","online":0}]`),
		"/cluster/resources": data(`[
			{"id":"qemu/102","type":"qemu","vmid":"102","node":"pmox03","status":"running","name":"away","maxcpu":null},
			{"id":"lxc/103","type":"lxc","vmid":103,"node":"pmox01","status":"running","name":"dns","maxcpu":0.5,"cpu":0.25,"maxmem":"536870912","mem":1024,"maxdisk":"8589934592","uptime":60},
			{"id":"qemu/100","type":"qemu","vmid":100,"node":"pmox02","status":"stopped","name":"tpl","template":1,"maxcpu":2,"maxmem":2147483648,"tags":"ubuntu;cloud"},
			{"id":"qemu/101","type":"qemu","vmid":101,"node":"pmox01","status":"running","name":"web","maxcpu":4,"cpu":1.02,"maxmem":4294967296,"mem":1073741824,"maxdisk":34359738368,"pool":"prod","uptime":3600},
			{"id":"node/pmox02","type":"node","node":"pmox02","status":"online","maxcpu":16,"cpu":0.5,"maxmem":64000000000,"mem":32000000000,"uptime":1000},
			{"id":"node/pmox01","type":"node","node":"pmox01","status":"online","maxcpu":8,"cpu":0.25,"maxmem":32000000000,"mem":8000000000,"uptime":2000},
			{"id":"node/pmox03","type":"node","node":"pmox03","status":"online","maxcpu":8,"maxmem":32000000000},
			{"id":"storage/pmox01/local","type":"storage","storage":"local","node":"pmox01","plugintype":"dir","status":"available","shared":0,"content":"vztmpl,iso,backup","maxdisk":1000,"disk":100},
			{"id":"storage/pmox02/local","type":"storage","storage":"local","node":"pmox02","plugintype":"dir","status":"unknown","shared":0,"content":"vztmpl,iso,backup"},
			{"id":"storage/pmox03/local","type":"storage","storage":"local","node":"pmox03","plugintype":"dir","status":"available","shared":0,"content":"vztmpl,iso,backup"},
			{"id":"storage/pmox02/cephfs","type":"storage","storage":"cephfs","node":"pmox02","plugintype":"cephfs","status":"available","shared":1,"content":"iso,import,images","maxdisk":5000,"disk":50},
			{"id":"storage/pmox01/cephfs","type":"storage","storage":"cephfs","node":"pmox01","plugintype":"cephfs","status":"available","shared":1,"content":"iso,import,images","maxdisk":5000,"disk":50},
			{"id":"storage/pmox03/cephfs","type":"storage","storage":"cephfs","node":"pmox03","plugintype":"cephfs","status":"unknown","shared":1,"content":"iso,import,images"},
			{"id":"storage/pmox01/rbd","type":"storage","storage":"rbd","node":"pmox01","plugintype":"rbd","status":"available","shared":1,"content":"images,rootdir","maxdisk":9000,"disk":90},
			{"id":"/pool/prod","type":"pool","pool":"prod"},
			{"id":"sdn/pmox01/z1","type":"sdn","sdn":"z1","node":"pmox01","status":"ok"}]`),
		"/cluster/ha/groups":    data(`[{"group":"front","nodes":"pmox02:2,pmox01","restricted":1,"nofailback":0,"type":"group"}]`),
		"/cluster/ha/resources": data(`[{"sid":"vm:101","type":"vm","state":"started","group":"front"}]`),
		"/cluster/ha/status/current": data(`[
			{"id":"quorum","type":"quorum","node":"pmox01","status":"OK","quorate":1},
			{"id":"master","type":"master","node":"pmox01","status":"pmox01 (active, Sat Nov 21 12:00:00 2026)","timestamp":1794916800},
			{"id":"lrm:pmox01","type":"lrm","node":"pmox01","status":"pmox01 (idle, Sat Nov 21 12:00:00 2026)"},
			{"id":"lrm:pmox03","type":"lrm","node":"pmox03","status":"pmox03 (old timestamp - dead?, Sat Nov 21 11:00:00 2026)"},
			{"id":"service:vm:101","type":"service","sid":"vm:101","node":"pmox01","state":"error","request_state":"started","status":"x"}]`),
		"/cluster/sdn/zones?running=1":             data(`[{"zone":"z1","type":"vlan","nodes":"pmox02,pmox01","bridge":"vmbr0"}]`),
		"/cluster/sdn/vnets?running=1":             data(`[{"vnet":"web","zone":"z1","tag":100,"type":"vnet"}]`),
		"/cluster/sdn/vnets/web/subnets?running=1": data(`[{"subnet":"z1-10.1.0.0-24","cidr":"10.1.0.0/24","gateway":"10.1.0.1"},{"subnet":"z1-10.0.0.0-24"}]`),
		"/nodes/pmox01/network": data(`[
			{"iface":"vmbr0","type":"bridge","active":1,"bridge_vlan_aware":1,"cidr":"192.0.2.11/24","gateway":"192.0.2.1"},
			{"iface":"web","type":"vnet","active":1},{"iface":"eno1","type":"eth","active":1},{"iface":"eno2","type":"eth"},
			{"iface":"bond0","type":"bond","active":"1","slaves":"eno2 eno1"}]`),
		"/nodes/pmox02/network": data(`[{"iface":"vmbr1","type":"OVSBridge"},{"iface":"vmbr0","type":"bridge","active":"1"}]`),
		"/nodes/pmox01/storage/local/content?": data(`[{"volid":"local:iso/a.iso","content":"iso","format":"iso","size":7},
			{"volid":"local:backup/vzdump-qemu-101.vma.zst","content":"backup","format":"vma.zst","size":9}]`),
		"/nodes/pmox01/storage/cephfs/content?content=import": data(`[{"volid":"cephfs:import/noble.qcow2","content":"import","format":"qcow2","size":600}]`),
		"/nodes/pmox01/storage/cephfs/content?content=iso":    data(`[]`),
		"/nodes/pmox02/qemu/100/config":                       data(`{"cores":2,"memory":"2048","scsi0":"rbd:base-100-disk-0,size=8G","boot":"order=scsi0","digest":"d"}`),
		"/pools":                                              data(`[{"poolid":"prod","comment":"production"}]`),
	}
	maps.Copy(answers, details())
	if majorOf(version) >= 9 {
		migrated := "cannot index groups: ha groups have been migrated to rules"
		answers["/cluster/ha/groups"] = refuse(500, migrated, `{"data":null,"message":"`+migrated+`\n"}`)
		answers["/cluster/ha/rules"] = data(`[
			{"rule":"near","type":"node-affinity","resources":"vm:101,vm:100","nodes":"pmox01:2,pmox02","strict":1},
			{"rule":"apart","type":"resource-affinity","resources":"vm:101,ct:103","affinity":"negative","disable":1}]`)
	}
	return answers
}
