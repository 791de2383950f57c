package main

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"time"
)

// upstream is the server that a subject asks, and what it has seen.
type upstream struct {
	*httptest.Server
	connections, calls atomic.Int64
}

// listen serves handler, over TLS where there is a certificate.
func listen(handler http.Handler, certificate *tls.Certificate) *upstream {
	u := &upstream{}
	u.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		u.calls.Add(1)
		handler.ServeHTTP(w, r)
	}))
	u.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			u.connections.Add(1)
		}
	}
	if certificate == nil {
		u.Start()
		return u
	}
	u.TLS = &tls.Config{Certificates: []tls.Certificate{*certificate}}
	u.StartTLS()
	return u
}

// dynamoDB answers every query as DynamoDB does for an associate of that many devices, each the sample of SuperOffice's own page (C-15), and for
// associate 0 as it does where there are none.
func dynamoDB(devices int) http.Handler {
	items := make([]string, devices)
	for i := range items {
		items[i] = fmt.Sprintf(`{"AssociateId":{"N":"117"},"DeviceIdentifier":{"S":"ullam%04d"},"DeviceName":{"S":"Schmeler Inc and Sons"},`+
			`"PocketVersion":{"S":"adipisci"},"Language":{"S":"nostrum"},"PNSHandle":{"S":"et"},`+
			`"Platform":{"S":"Apple"},"OSVersion":{"S":"expedita"}}`, i)
	}
	own, none := page(items), page(nil)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return // as the subject has gone
		}
		answer := own
		if strings.Contains(string(body), `{"N":"0"}`) {
			answer = none
		}
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		w.Header().Set("X-Amz-Crc32", answer.checksum)
		_, _ = io.WriteString(w, answer.body)
	})
}

type canned struct{ body, checksum string }

func page(items []string) canned {
	body := fmt.Sprintf(`{"Count":%d,"Items":[%s],"ScannedCount":%[1]d}`, len(items), strings.Join(items, ","))
	return canned{body, fmt.Sprint(crc32.ChecksumIEEE([]byte(body)))}
}

// systemRoots are the places of the bundle of root certificates, as crypto/x509 knows them.
var systemRoots = []string{"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"}

// newCertificate returns a certificate for this machine, signed by an intermediate of a root as DynamoDB's is, and writes a bundle into file
// that has the root beside all of this machine's own: what it costs to read these is a part of what is measured.
func newCertificate(file string) (*tls.Certificate, error) {
	var bundle []byte
	for _, name := range systemRoots {
		if data, err := os.ReadFile(name); err == nil {
			bundle = data
			break
		}
	}
	if bundle == nil {
		return nil, errors.New("this machine has no bundle of root certificates: install ca-certificates")
	}
	root, err := newIssued(nil, "root")
	if err != nil {
		return nil, err
	}
	intermediate, err := newIssued(root, "intermediate")
	if err != nil {
		return nil, err
	}
	leaf, err := newIssued(intermediate, "")
	if err != nil {
		return nil, err
	}
	bundle = append(bundle, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: root.certificate.Raw})...)
	return &tls.Certificate{
		Certificate: [][]byte{leaf.certificate.Raw, intermediate.certificate.Raw},
		PrivateKey:  leaf.key,
	}, os.WriteFile(file, bundle, 0o644)
}

type issued struct {
	certificate *x509.Certificate
	key         *rsa.PrivateKey
}

// newIssued returns a certificate signed by another, or by itself where there is none: an authority of that name, or a server's.
func newIssued(by *issued, authority string) (*issued, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		BasicConstraintsValid: true,
	}
	if authority != "" {
		template.Subject = pkix.Name{CommonName: authority}
		template.IsCA = true
		template.KeyUsage = x509.KeyUsageCertSign
	} else {
		template.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1)}
		template.KeyUsage = x509.KeyUsageDigitalSignature
		template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	}
	parent, signer := template, key
	if by != nil {
		parent, signer = by.certificate, by.key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	if err != nil {
		return nil, err
	}
	certificate, err := x509.ParseCertificate(der)
	return &issued{certificate, key}, err
}
