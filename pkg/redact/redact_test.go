package redact

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Parts that are joined here so that no scanner of this repository takes them for real ones.
const (
	jwt   = "eyJ" + "hbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"
	awsID = "AKIA" + "IOSFODNN7EXAMPLE"
	awsSK = "wJalrXUtnFEMI/K7MDENG/" + "bPxRfiCYEXAMPLEKEY"
	ghp   = "ghp_" + "16C7e42F292c6912E7710c838347Ae178B4a"
	pem   = "-----BEGIN OPENSSH " + "PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA\nQyNTUxOQ==\n-----END OPENSSH " + "PRIVATE KEY-----"
	uid   = "3f9d6b1e-6f0a-4c55-9a3e-0d3c1f5f2b7a"
	seed  = "SUA" + "GHJKLMNPQRSTUVWXYZ234567ABCDEFGHIJKLMNOPQRSTUVWXYZ23456"
)

func TestText(t *testing.T) {
	tests := map[string]struct {
		reason string
		text   string
		want   string
		kinds  []string
	}{
		"Colon":           {"The usual form.", "create a VM, password: hunter2, 2 cores", "create a VM, password: [secret-1], 2 cores", []string{KindPassword}},
		"French":          {"French puts a space before the colon.", "une VM web, mot de passe : S3same!, 4 Go", "une VM web, mot de passe : [secret-1], 4 Go", []string{KindPassword}},
		"FrenchBare":      {"An abbreviation without a sign.", "crée une VM avec mdp hunter2 et 4 Go", "crée une VM avec mdp [secret-1] et 4 Go", []string{KindPassword}},
		"NoBreakSpace":    {"French keyboards write a narrow no-break space.", "mot de passe\u202f: Soleil42", "mot de passe\u202f: [secret-1]", []string{KindPassword}},
		"Is":              {"A sentence.", "the password is hunter2 and the user is bob", "the password is [secret-1] and the user is bob", []string{KindPassword}},
		"IsWord":          {"A password may be a plain word.", "my password is swordfish.", "my password is [secret-1].", []string{KindPassword}},
		"Est":             {"A sentence in French.", "le mot de passe est tournesol", "le mot de passe est [secret-1]", []string{KindPassword}},
		"Addressee":       {"Between word and value stands whose it is.", "password for the user bob is hunter2", "password for the user bob is [secret-1]", []string{KindPassword}},
		"AddresseeFrench": {"The same in French.", "mot de passe de root : hunter2", "mot de passe de root : [secret-1]", []string{KindPassword}},
		"RootPassword":    {"The owner may stand first.", "root password hunter2, 8 GB", "root password [secret-1], 8 GB", []string{KindPassword}},
		"Set":             {"An order.", "set the root password to Tr0ub4dor&3 please", "set the root password to [secret-1] please", []string{KindPassword}},
		"Quoted":          {"Quotes hold spaces together.", `password "correct horse battery" on it`, `password "[secret-1]" on it`, []string{KindPassword}},
		"Guillemets":      {"French quotes.", "mot de passe « cheval correct pile » svp", "mot de passe « [secret-1] » svp", []string{KindPassword}},
		"Phrase":          {"A pass phrase has words.", "passphrase: correct horse battery staple\n2 cores", "passphrase: [secret-1]\n2 cores", []string{KindPassword}},
		"Environment":     {"An environment file.", "POSTGRES_PASSWORD=abc-def-ghi\nPOSTGRES_USER=bob", "POSTGRES_PASSWORD=[secret-1]\nPOSTGRES_USER=bob", []string{KindPassword}},
		"JSON":            {"A JSON object.", `{"password":"s3cr3t","cores":2}`, `{"password":"[secret-1]","cores":2}`, []string{KindPassword}},
		"Fields":          {"Options of Proxmox VE.", "ciuser=bob,cipassword=abcdef,cores=2", "ciuser=bob,cipassword=[secret-1],cores=2", []string{KindPassword}},
		"Flag":            {"A command line.", "docker run --token abc123x --name web", "docker run --token [secret-1] --name web", []string{KindToken}},
		"Digits":          {"A number is a password where one is announced.", "mdp: 1234", "mdp: [secret-1]", []string{KindPassword}},
		"NextLine":        {"The value on its own line.", "mot de passe :\nS3same!\n", "mot de passe :\n[secret-1]\n", []string{KindPassword}},
		"TokenFrench":     {"French for token.", "jeton : abcdefgh", "jeton : [secret-1]", []string{KindToken}},
		"KeyFrench":       {"French for API key.", "clé d'API : abcdefgh", "clé d'API : [secret-1]", []string{KindToken}},

		"PVEToken":      {"The id of a token is not secret, its UUID is.", "use root@pam!ci=" + uid, "use root@pam!ci=[secret-1]", []string{KindToken}},
		"PVEHeader":     {"The header that carries it.", "Authorization: PVEAPIToken=root@pam!ci=" + uid, "Authorization: [secret-2]", []string{KindToken, KindAuthorization}},
		"Ticket":        {"A ticket opens everything for two hours.", "PVEAuthCookie=PVE:root@pam:65A1B2C3::c2lnbmF0dXJl+/abc==", "PVEAuthCookie=[secret-1]", []string{KindToken}},
		"CSRF":          {"The companion of the ticket.", "CSRFPreventionToken: 65A1B2C3:c2lnbmF0dXJl", "CSRFPreventionToken: [secret-1]", []string{KindToken}},
		"JWT":           {"A JWT anywhere.", "log in with " + jwt + " now", "log in with [secret-1] now", []string{KindToken}},
		"PEM":           {"A private key spans lines.", "key:\n" + pem + "\nand 2 cores", "key:\n[secret-1]\nand 2 cores", []string{KindPrivateKey}},
		"PEMCut":        {"A key that was cut off is one.", "-----BEGIN RSA " + "PRIVATE KEY-----\nMIIEow", "[secret-1]", []string{KindPrivateKey}},
		"URL":           {"User information of a URL; the user stays.", "clone https://bob:hunter2@git.example.org/x.git", "clone https://bob:[secret-1]@git.example.org/x.git", []string{KindAuthorization}},
		"Bearer":        {"Without the name of the header.", "curl -H 'Bearer abcdefghijklmnopqrst'", "curl -H 'Bearer [secret-1]'", []string{KindAuthorization}},
		"AWS":           {"Both halves.", "aws_access_key_id=" + awsID + " aws_secret_access_key=" + awsSK, "aws_access_key_id=[secret-1] aws_secret_access_key=[secret-2]", []string{KindToken, KindToken}},
		"GitHub":        {"A known prefix needs no announcement.", "repo with " + ghp, "repo with [secret-1]", []string{KindToken}},
		"Kubeconfig":    {"The private half goes, the public one stays.", "client-certificate-data: TFMwdExTMUNSVWRKVGlC\nclient-key-data: TFMwdExTMUNSVWRKVGlD", "client-certificate-data: TFMwdExTMUNSVWRKVGlC\nclient-key-data: [secret-1]", []string{KindToken}},
		"Shadow":        {"A hash can be attacked.", "root:$6$saltsalt$abcdefghijklmnop:19000", "root:[secret-1]:19000", []string{KindHash}},
		"NKey":          {"The seed of a NATS key.", "seed " + seed, "seed [secret-1]", []string{KindToken}},
		"Random":        {"A long random string beside a word.", "here is the key for the registry, keep it: q7Zk2Lw9Xv4Tn8Rb1Mp6Yc3Hd5Jf0GsA", "here is the key for the registry, keep it: [secret-1]", []string{KindRandom}},
		"Twice":         {"Equal secrets, equal placeholders; also where nothing announces them.", "password: hunter2, and root:hunter2 too", "password: [secret-1], and root:[secret-1] too", []string{KindPassword}},
		"WordTwice":     {"A plain word is not searched elsewhere: the template keeps its name.", "password: debian, clone debian", "password: [secret-1], clone debian", []string{KindPassword}},
		"Numbered":      {"Numbers that the text brings along are not given again.", "password: [secret-1], token: abcdefgh", "password: [secret-1], token: [secret-2]", []string{KindToken}},
		"TwoOfThem":     {"Different secrets, different placeholders.", "user password: alpha1 and root password: beta22", "user password: [secret-1] and root password: [secret-2]", []string{KindPassword, KindPassword}},
		"ConnectString": {"Fields go on behind the value.", "Server=db;Password=abc;Database=x", "Server=db;Password=[secret-1];Database=x", []string{KindPassword}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			got, found := Text(tc.text)
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("%s\n%s", tc.reason, diff)
			}
			var kinds []string
			for _, f := range found {
				kinds = append(kinds, f.Kind)
			}
			if diff := cmp.Diff(tc.kinds, kinds); diff != "" {
				t.Errorf("kinds: %s\n%s", tc.reason, diff)
			}
			if again, more := Text(got); again != got || more != nil {
				t.Errorf("redacting twice: %q, %v", again, more)
			}
		})
	}
}

func TestTextLeavesAlone(t *testing.T) {
	for name, text := range map[string]string{
		"Plain":            "create 3 web servers with 2 cores and 4 GB on vmbr0",
		"PlainFrench":      "crée 3 serveurs web avec 2 coeurs et 4 Go sur vmbr0",
		"PublicKey":        "ssh key ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGx7P0VvM6hJ0f3tq9d8Qw2kB4nZ5cR1yT7uL6sXeKaP bob@laptop",
		"PublicKeyColon":   "clé ssh : ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQC7vbqajDhA9Kx8w0f3tq9d8Qw2kB4nZ5cR1yT7uL6sXeKaP bob",
		"Digest":           "image nginx@sha256:9b7cc98abb11d5e9b4b2c1c3e6f0f7a3d1c2b3a4958677665544332211ffeedd for the key service",
		"UUID":             "machine with smbios uuid=" + uid + " please",
		"Authentication":   "disable password authentication and use ssh keys",
		"Authentification": "désactive l'authentification par mot de passe",
		"Passwordless":     "passwordless sudo for the deploy user",
		"Generated":        "the password is generated at first boot",
		"Reference":        "password = var.db_password and DB_PASSWORD=${DB_PASSWORD}",
		"TokenService":     "a VM called token-service with 4 GB",
		"Secrets":          "a vault server for secrets with 2 cores",
		"TokenCount":       "max tokens: 4096",
		"Address":          "http://10.0.0.1:8006/path and user@host",
		"Sentence":         "Do I need a password for web-01? It has 2 cores.",
		"Stored":           "the secret is stored in vault",
		"Keyboard":         "a keyboard and a monkey with 2 cores",
		"Monkey":           "clé USB sur pmox01, 4 Go",
	} {
		t.Run(name, func(t *testing.T) {
			got, found := Text(text)
			if diff := cmp.Diff(text, got); diff != "" || found != nil {
				t.Errorf("%v\n%s", found, diff)
			}
		})
	}
}

func TestRestore(t *testing.T) {
	var r Redactor
	a, _ := r.Text("password: hunter2")
	b, _ := r.Text("on the server hunter2 is the password, token: zyxwvuts")
	if a != "password: [secret-1]" || b != "on the server [secret-1] is the password, token: [secret-2]" {
		t.Fatalf("texts of one piece of work differ in placeholders: %q, %q", a, b)
	}
	if got, want := r.Restore(a+"; "+b), "password: hunter2; on the server hunter2 is the password, token: zyxwvuts"; got != want {
		t.Errorf("restored %q, want %q", got, want)
	}
	if r.Clean("root/hunter2") || !r.Clean("nothing") {
		t.Error("Clean does not tell a text with a secret from one without")
	}
}

// FuzzText plants a secret into any text; whatever stands around it, it must not come out.
func FuzzText(f *testing.F) {
	for _, s := range []string{"", "a VM", "mot de passe", "password is [secret-1] password", "://:@", "-----BEGIN PRIVATE KEY-----", "«\"'", "token=\xff", strings.Repeat("password:", 50)} {
		f.Add(s, s)
	}
	const secret = "Zq7!kVw2Rt"
	f.Fuzz(func(t *testing.T, before, after string) {
		for _, announce := range []string{" password: ", "\nmot de passe : ", " PROVISO_TOKEN="} {
			text := before + announce + secret + " " + after
			if strings.Contains(before+after, "secret-") || strings.Contains(before+after, "[") {
				continue // placeholders of others; their numbers are theirs
			}
			got, found := Text(text)
			if strings.Contains(got, secret) || len(found) == 0 {
				t.Fatalf("%q came out as %q", text, got)
			}
			if again, _ := Text(got); again != got {
				t.Fatalf("not idempotent: %q then %q", got, again)
			}
		}
	})
}

func TestTextIsLinear(t *testing.T) {
	cost := func(n int) float64 {
		text := strings.Repeat("password: abc123x token is user https://a:b@c key ", n)
		return float64(testing.Benchmark(func(b *testing.B) {
			for range b.N {
				Text(text)
			}
		}).NsPerOp())
	}
	if small, large := cost(20), cost(200); large > 40*small {
		t.Errorf("ten times the text took %.0f times the time", large/small)
	}
}

func BenchmarkText(b *testing.B) {
	b.Run("Clean", func(b *testing.B) {
		for range b.N {
			Text("create 3 web servers with 2 cores and 4 GB of memory on vmbr0, named web-01 to web-03")
		}
	})
	b.Run("Secret", func(b *testing.B) {
		for range b.N {
			Text("create 3 web servers with 2 cores and 4 GB of memory on vmbr0, password: hunter2")
		}
	})
}
