"""Small files of each kind, and those that are not what they seem."""

import io
import zipfile

TYPES = "[Content_Types].xml"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + bytes(17) + b"\0\0\0\0IEND\xaeB`\x82"
JPEG = b"\xff\xd8\xff\xe0" + bytes(20) + b"\xff\xd9"


def docx(**parts: bytes) -> bytes:
    """A Word document with more parts."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as document:
        document.writestr(TYPES, f'<Types><Override ContentType="{WORD}"/></Types>')
        document.writestr("word/document.xml", "<w:document/>")
        for name, content in parts.items():
            document.writestr(name, content)
    return packed.getvalue()


def lying_docx() -> bytes:
    """A document whose table of parts says less than it holds."""
    size = 50_000_000
    content = docx(**{"word/big.bin": bytes(size)})
    return content.replace(size.to_bytes(4, "little"), (10).to_bytes(4, "little"))
