"""Where the embedded inputs come from: data wheels, models, a body and motions made from them."""
